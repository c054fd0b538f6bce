//! One question to the servers, and what its answer means.

use std::net::SocketAddr;
use std::sync::Arc;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use crate::error::{LookupError, Reason, Record};

/// Asks the servers.
#[derive(Clone)]
pub(crate) struct Servers {
    pub(crate) resolver: TokioResolver,
    pub(crate) addresses: Arc<[SocketAddr]>,
    /// What to say when there are none.
    pub(crate) without: Reason,
}

impl Servers {
    /// The data of the records of one kind that a name has, those that `pick` knows; never none.
    pub(crate) async fn ask<T>(
        &self,
        name: &str,
        record: Record,
        pick: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, LookupError> {
        let failed = |reason| LookupError {
            name: name.to_owned(),
            record,
            servers: self.addresses.to_vec(),
            reason,
        };
        if self.addresses.is_empty() {
            return Err(failed(self.without.clone()));
        }
        let domain =
            Name::from_ascii(name).map_err(|error| failed(Reason::BadAnswer(error.to_string())))?;
        let kind = match record {
            Record::A => RecordType::A,
            Record::Aaaa => RecordType::AAAA,
            Record::Txt => RecordType::TXT,
        };
        let answer = self.resolver.lookup(domain, kind).await;
        let answer = answer.map_err(|error| failed(reason(&error)))?;
        let found: Vec<T> =
            answer.answers().iter().filter_map(|record| pick(&record.data)).collect();
        if found.is_empty() { Err(failed(Reason::NoRecords)) } else { Ok(found) }
    }
}

fn reason(error: &NetError) -> Reason {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => Reason::NoSuchName,
            ResponseCode::NoError => Reason::NoRecords,
            code => Reason::Refused(code.to_string()),
        },
        NetError::Dns(DnsError::ResponseCode(code)) => Reason::Refused(code.to_string()),
        NetError::Timeout => Reason::TimedOut,
        NetError::Io(error) => Reason::Unreachable(error.to_string()),
        NetError::NoConnections => Reason::Unreachable(error.to_string()),
        error => Reason::BadAnswer(error.to_string()),
    }
}
