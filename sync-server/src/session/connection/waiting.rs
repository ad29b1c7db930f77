//! What a connection waits for: each of them for ever while there is nothing that could come.

use crate::{
    hotel::{Delivery, Hotels},
    log::{Log, LogError},
};
use axum::body::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use keyrack_model::{audit_head::AuditHead, ids::HotelId};
use std::{collections::VecDeque, future::pending, sync::Arc};
use tokio::sync::watch;

pub(super) type Deliveries = BoxStream<'static, Result<Arc<Delivery>, LogError>>;

/// The message that waits, once the hotel has room for it; None when none does.
pub(super) async fn in_turn<L: Log>(
    hotels: &Hotels<L>,
    hotel: HotelId,
    unread: &mut VecDeque<Bytes>,
) -> Option<Bytes> {
    if !unread.is_empty() {
        hotels.room(hotel).await;
    }
    unread.pop_front()
}

/// Waits for ever while nothing is followed.
pub(super) async fn next(feed: &mut Option<Deliveries>) -> Result<Arc<Delivery>, LogError> {
    match feed.as_mut() {
        Some(feed) => match feed.next().await {
            Some(delivery) => delivery,
            None => pending().await,
        },
        None => pending().await,
    }
}

/// Waits for ever where none is signed any more.
pub(super) async fn next_head(heads: &mut watch::Receiver<Option<AuditHead>>) -> Option<AuditHead> {
    match heads.changed().await {
        Ok(()) => heads.borrow_and_update().clone(),
        Err(_) => pending().await,
    }
}
