//! The scenarios, by name.

use std::io;

use serde_json::Value;

use crate::stack::Node;
use crate::target::Target;
use crate::{bulk, connect, distance, exchange, growth, memory, open};

pub(crate) async fn scenario<N: Node>(target: &Target<N>, name: &str) -> io::Result<Value> {
    match name {
        "bulk_up" => bulk::up(target.dial().await?).await,
        "bulk_down" => bulk::down(target.dial().await?).await,
        "bulk_4k" => bulk::small_writes(target.dial().await?).await,
        "bulk8" => bulk::eight(target.dial().await?).await,
        "slow_reader" => bulk::beside_a_slow_one(target.dial().await?).await,
        "pingpong" => exchange::pingpong(target.dial().await?).await,
        "requests" => exchange::requests(target.dial().await?).await,
        "open_seq" => open::one_by_one(target.dial().await?).await,
        "open_64" => open::from_64_tasks(target.dial().await?).await,
        "conn" => connect::one_by_one(target, false).await,
        "connecho" => connect::one_by_one(target, true).await,
        "connect_100" => connect::at_once(target).await,
        "mem_conns" => memory::connections(target).await,
        "mem_streams" => memory::streams(target.dial().await?).await,
        "rtt" => distance::round_trips(target).await,
        "lossy" => distance::lossy(target).await,
        "grow_streams" => growth::streams(target.dial().await?).await,
        "grow_conns" => growth::connections(target).await,
        "grow_message" => growth::messages(target.dial().await?).await,
        other => Err(io::Error::other(format!("unknown scenario {other}"))),
    }
}
