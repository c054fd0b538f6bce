//! `peerloom addr`: what an address says.

use std::error::Error;
use std::io::BufRead as _;

use peerloom::Multiaddr;
use serde_json::{Value, json};

use crate::arguments::AddrArguments;
use crate::output::{Failure, Output, story};

pub(crate) fn run(arguments: &AddrArguments, output: Output) -> Result<(), Failure> {
    let mut all_read = true;
    for given in &arguments.addresses {
        if given == "-" {
            for line in std::io::stdin().lock().lines() {
                all_read &= show(line?.trim(), output);
            }
        } else {
            all_read &= show(given, output);
        }
    }
    if all_read { Ok(()) } else { Err(Failure::Told) }
}

/// Prints one address, or why it is none; says which.
fn show(given: &str, output: Output) -> bool {
    match read(given) {
        Ok(address) => {
            let bytes = hex(address.as_bytes());
            let object =
                json!({ "text": address.to_string(), "bytes": bytes, "parts": parts(&address) });
            output.print(describe(&address, &bytes), object);
            true
        }
        Err(error) => {
            let error = format!("{given}: {}", story(error.as_ref()));
            if output.is_json() {
                output.print_json(false, json!({ "error": error }));
            } else {
                eprintln!("error: {error}");
            }
            false
        }
    }
}

/// Reads an address as text, or as bytes in hexadecimal.
fn read(given: &str) -> Result<Multiaddr, Box<dyn Error>> {
    if given.starts_with('/') || given.is_empty() {
        return Ok(given.parse()?);
    }
    match unhex(given) {
        Some(bytes) => Ok(Multiaddr::try_from(bytes)?),
        None => Err("an address is text that begins with / or bytes in hexadecimal".into()),
    }
}

fn parts(address: &Multiaddr) -> Vec<Value> {
    let part = |protocol: peerloom::multiaddr::Protocol| json!({ "protocol": protocol.name(), "value": protocol.value() });
    address.iter().map(part).collect()
}

fn describe(address: &Multiaddr, bytes: &str) -> String {
    let mut text = format!("{address}\n  bytes  {bytes}");
    for protocol in address.iter() {
        text.push_str(&format!(
            "\n  {:12} {}",
            protocol.name(),
            protocol.value().unwrap_or_default()
        ));
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}
