//! `peerloom addr`: what an address says.

use std::error::Error;
use std::io::BufRead as _;

use peerloom::Multiaddr;
use peerloom::multiaddr::Protocol;
use serde_json::{Value, json};

use crate::arguments::AddrArguments;
use crate::output::{Failure, Output};
use crate::story;

pub(crate) fn run(arguments: &AddrArguments, output: Output) -> Result<(), Failure> {
    let mut all_read = true;
    for given in &arguments.addresses {
        if given == "-" {
            for line in std::io::stdin().lock().split(b'\n') {
                let line = line?;
                let line = line.trim_ascii();
                all_read &= line.is_empty() || show(line, output)?;
            }
        } else {
            all_read &= show(given.as_bytes(), output)?;
        }
    }
    if all_read { Ok(()) } else { Err(Failure::Told) }
}

/// Prints one address, or why it is none; says which.
fn show(given: &[u8], output: Output) -> Result<bool, Failure> {
    match read(given) {
        Ok(address) => {
            let bytes = hex(address.as_bytes());
            let object =
                json!({ "text": address.to_string(), "bytes": bytes, "parts": parts(&address) });
            output.print(&describe(&address, &bytes), object)?;
            Ok(true)
        }
        Err(error) => {
            let given = String::from_utf8_lossy(given);
            let error = format!("{given}: {}", story::lines(error.as_ref()).join("; "));
            output.print_failure(std::slice::from_ref(&error), json!({ "error": error }))?;
            Ok(false)
        }
    }
}

/// Reads an address as text, or as bytes in hexadecimal.
fn read(given: &[u8]) -> Result<Multiaddr, Box<dyn Error>> {
    let given = str::from_utf8(given).map_err(|_| "an address is text in UTF-8")?;
    if given.starts_with('/') || given.is_empty() {
        return Ok(given.parse()?);
    }
    match unhex(given) {
        Some(bytes) => Ok(Multiaddr::try_from(bytes)?),
        None => Err("an address is text that begins with / or bytes in hexadecimal".into()),
    }
}

fn parts(address: &Multiaddr) -> Vec<Value> {
    let part =
        |protocol: Protocol| json!({ "protocol": protocol.name(), "value": protocol.value() });
    address.iter().map(part).collect()
}

fn describe(address: &Multiaddr, bytes: &str) -> Vec<String> {
    let part = |protocol: Protocol| {
        format!("  {:12} {}", protocol.name(), protocol.value().unwrap_or_default())
    };
    let mut lines = vec![address.to_string(), format!("  bytes  {bytes}")];
    lines.extend(address.iter().map(part));
    lines
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
