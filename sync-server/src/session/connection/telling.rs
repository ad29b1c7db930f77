//! What a device is told of the log.

use super::{Connection, Over, greeting::reading_at};
use crate::{hotel::Delivery, log::Log, session::Input};
use axum::{body::Bytes, extract::ws::Message};
use futures_util::stream::StreamExt;
use keyrack_model::class::Reading;
use keyrack_wire::alone;
use std::sync::Arc;
use tokio::time::Instant;

impl<L: Log> Connection<L> {
    /// Sends what may be read of a delivery. When it tells of the person at the device, the role
    /// that counts is the present one, which may be later than the delivery.
    pub(super) async fn deliver(&mut self, delivery: Arc<Delivery>) -> Result<Input, Over> {
        self.answer_before(&delivery).await?;
        if self.access.have_come()
            && let Some(input) = Box::pin(self.look_again()).await
        {
            self.feed = None;
            return Ok(input);
        }
        let log = self.hotels.log().as_ref();
        let present = reading_at(log, self.session.who(), &delivery, self.reading).await;
        let present = match present {
            Ok(present) => present,
            Err(error) => {
                self.feed = None;
                return Ok(self.failed(&error));
            }
        };
        let message = self.message(&delivery, self.reading.and(present))?;
        let (first, last) = (delivery.first(), delivery.last());
        self.left_out.retain(|stored| stored.last > last);
        // A device that does not read holds nothing but its message.
        drop(delivery);
        let bytes = message.as_ref().map_or(0, Bytes::len);
        if let Some(message) = message {
            if first <= self.past {
                (self.gave)(bytes as u64);
            }
            self.write(Message::Binary(message)).await?;
        }
        if present == self.reading {
            return Ok(Input::Delivered { last, bytes });
        }
        self.feed = None;
        Ok(Input::ReadingChanged)
    }

    /// What of a delivery is sent to this device: the same message as to others, where it may be.
    fn message(&mut self, delivery: &Delivery, reading: Reading) -> Result<Option<Bytes>, Over> {
        let Some(frame) = delivery.frame_without(&self.left_out, reading) else {
            return Ok(None);
        };
        let is_whole = delivery.is_apart_from(&self.left_out);
        let told = || delivery.told(reading).filter(|_| is_whole);
        let message = if self.outgoing.takes_alone(frame.len()) {
            if is_whole {
                delivery.message(reading)
            } else {
                alone::pack(&frame).map(Bytes::from)
            }
        } else if self.outgoing.is_compact()
            && let Some(told) = told()
        {
            self.outgoing.pack_told(told).map(Bytes::from)
        } else {
            self.outgoing.pack(&frame).map(Bytes::from)
        };
        self.told_at = Instant::now();
        Ok(Some(message.map_err(Over::Frame)?))
    }

    /// A push that is in a delivery is answered first: the answer may leave it out of there.
    async fn answer_before(&mut self, delivery: &Delivery) -> Result<(), Over> {
        let device = self.session.who().device;
        while self.session.leaves_out()
            && delivery.tells_of_work_on(device, self.answered)
            && let Some(answer) = self.pending.next().await
        {
            let input = self.judged(answer);
            self.handle(input).await?;
        }
        Ok(())
    }
}
