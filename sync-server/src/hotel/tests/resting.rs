//! What a hotel keeps of its documents while nobody writes, and what those pay who come back.

use super::*;
use crate::hotel::{
    keeper::{Keeper, Woken},
    recent::Published,
    suspected::Suspects,
};
use keyrack_model::limits::{HOTEL_IDLE_MILLIS, HOTEL_REST_MILLIS};
use tokio::time::Instant;

/// A loop's owner, and its inbox.
struct Loop {
    keeper: Keeper<Failing>,
    log: Arc<Failing>,
    /// Followers, whom the hotel stays for.
    _published: Published,
    requests: mpsc::Sender<Request>,
    inbox: mpsc::Receiver<Request>,
}

impl Loop {
    async fn of(devices: &[&Device]) -> Self {
        let log = Arc::new(Failing::that_works(log_with(devices).await));
        let published = Published::default();
        let keeper = Keeper::new(
            HOTEL,
            log.clone(),
            clock(),
            published.clone(),
            Suspects::default(),
        );
        let (requests, inbox) = mpsc::channel(1);
        Self {
            keeper,
            log,
            _published: published,
            requests,
            inbox,
        }
    }

    async fn serve(&mut self, device: &Device, action: Action) -> Vec<u64> {
        let (answer, answered) = oneshot::channel();
        let push = Push {
            from: Author::People(device.id),
            actions: read(&[action]),
            answer,
            spent: None,
            _carried: Burden::default().take(HOTEL, 1),
        };
        self.requests.send(Request::Push(push)).await.unwrap();
        match self.keeper.wait(&mut self.inbox).await {
            Woken::Requests(requests) => self.keeper.serve(requests).await,
            Woken::Resting | Woken::Idle | Woken::Ended => panic!("a push waits"),
        };
        sequences(&answered.await.unwrap().verdicts)
    }

    fn fetched(&self) -> usize {
        self.log.fetched.load(Ordering::Relaxed)
    }
}

#[tokio::test(start_paused = true)]
async fn a_hotel_that_rests_folds_its_documents_and_needs_no_log_to_open_them_again() {
    let mut maria = Device::of(MARIA, 1);
    let mut hotel = Loop::of(&[&maria]).await;
    for place in 1..=20_u64 {
        let values = [Cleanliness::Clean, Cleanliness::Dirty];
        let action = maria.mark(values[place as usize % 2]);
        assert_eq!(hotel.serve(&maria, action).await, [place]);
    }
    let (busy, fetched) = (hotel.keeper.shelf_bytes(), hotel.fetched());

    let begun = Instant::now();
    while let Woken::Resting = hotel.keeper.wait(&mut hotel.inbox).await {
        assert!(begun.elapsed() >= Duration::from_millis(HOTEL_REST_MILLIS));
        hotel.keeper.rest();
    }
    // It is put away when nobody is there for as long as before.
    assert!(begun.elapsed() >= Duration::from_millis(HOTEL_IDLE_MILLIS));
    let resting = hotel.keeper.shelf_bytes();
    assert!(0 < resting && resting < busy / 5, "{resting} of {busy}");

    let action = maria.mark(Cleanliness::Dirty);
    assert_eq!(hotel.serve(&maria, action).await, [21]);
    assert_eq!(hotel.fetched(), fetched);
}

#[tokio::test(start_paused = true)]
async fn whoever_writes_meanwhile_comes_before_the_folding() {
    let mut maria = Device::of(MARIA, 1);
    let mut hotel = Loop::of(&[&maria]).await;
    let action = maria.mark(Cleanliness::Clean);
    hotel.serve(&maria, action).await;
    tokio::time::sleep(Duration::from_millis(2 * HOTEL_REST_MILLIS)).await;
    // What waits is taken, and not the rest that is due.
    let action = maria.mark(Cleanliness::Dirty);
    assert_eq!(hotel.serve(&maria, action).await, [2]);
}
