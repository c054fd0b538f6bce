//! A DNS server in this process, which says what a test wants.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::TXT;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

/// What the server says.
#[derive(Clone)]
pub(crate) enum Answer {
    /// These data.
    Data(Vec<RData>),
    /// These data over TCP, and over UDP that they do not fit.
    OnlyOverTcp(Vec<RData>),
    /// These data, as if another name had been asked about.
    OfAnotherName(Vec<RData>),
    /// No data, for this reason.
    Nothing(ResponseCode),
    /// Not a DNS message.
    Garbage,
    /// Not a word.
    Silence,
}

/// Stops when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Asked,
    _tasks: JoinSet<()>,
}

type Asked = Arc<Mutex<Vec<String>>>;
type Zone = Arc<dyn Fn(&str, RecordType) -> Answer + Send + Sync>;

impl Server {
    pub(crate) async fn start(
        zone: impl Fn(&str, RecordType) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let (udp, tcp) = sockets().await;
        let address = udp.local_addr().unwrap();
        let (asked, zone): (Asked, Zone) = (Asked::default(), Arc::new(zone));
        let mut tasks = JoinSet::new();
        tasks.spawn(serve_udp(udp, Arc::clone(&zone), Arc::clone(&asked)));
        tasks.spawn(serve_tcp(tcp, zone));
        Server { address, asked, _tasks: tasks }
    }

    /// What was asked over UDP: kind and name.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Sockets of both kinds at one port.
async fn sockets() -> (UdpSocket, TcpListener) {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

async fn serve_udp(socket: UdpSocket, zone: Zone, asked: Asked) {
    let mut buffer = [0; 4096];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        let question = Message::from_vec(buffer.get(..length).unwrap()).unwrap();
        let query = question.queries.first().unwrap();
        asked.lock().unwrap().push(format!("{} {}", query.query_type(), query.name()));
        if let Some(reply) = reply(&question, &zone, false) {
            socket.send_to(&reply, from).await.unwrap();
        }
    }
}

async fn serve_tcp(listener: TcpListener, zone: Zone) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(serve_connection(stream, Arc::clone(&zone)));
    }
}

async fn serve_connection(mut stream: TcpStream, zone: Zone) {
    while let Ok(length) = stream.read_u16().await {
        let mut buffer = vec![0; usize::from(length)];
        stream.read_exact(&mut buffer).await.unwrap();
        let question = Message::from_vec(&buffer).unwrap();
        if let Some(reply) = reply(&question, &zone, true) {
            stream.write_u16(u16::try_from(reply.len()).unwrap()).await.unwrap();
            stream.write_all(&reply).await.unwrap();
        }
    }
}

fn reply(question: &Message, zone: &Zone, over_tcp: bool) -> Option<Vec<u8>> {
    let query = question.queries.first().unwrap();
    let mut reply = Message::response(question.metadata.id, question.metadata.op_code);
    reply.metadata.message_type = MessageType::Response;
    reply.metadata.recursion_desired = true;
    reply.metadata.recursion_available = true;
    reply.add_query(query.clone());
    let name = query.name().to_lowercase();
    let mut of = query.name().clone();
    let data = match zone(&name.to_string(), query.query_type()) {
        Answer::Data(data) => data,
        Answer::OnlyOverTcp(data) if over_tcp => data,
        Answer::OnlyOverTcp(_) => {
            reply.metadata.truncation = true;
            Vec::new()
        }
        Answer::OfAnotherName(data) => {
            of = Name::from_ascii("other.example.").unwrap();
            data
        }
        Answer::Nothing(code) => {
            reply.metadata.response_code = code;
            Vec::new()
        }
        Answer::Garbage => return Some(b"no dns".to_vec()),
        Answer::Silence => return None,
    };
    reply.add_answers(data.into_iter().map(|data| Record::from_rdata(of.clone(), 60, data)));
    Some(reply.to_vec().unwrap())
}

pub(crate) fn ip4(ip: &str) -> RData {
    RData::A(ip.parse::<std::net::Ipv4Addr>().unwrap().into())
}

pub(crate) fn ip6(ip: &str) -> RData {
    RData::AAAA(ip.parse::<std::net::Ipv6Addr>().unwrap().into())
}

/// TXT with an address, in strings of the length that they may have.
pub(crate) fn dnsaddr(address: &str) -> RData {
    text(&format!("dnsaddr={address}"))
}

pub(crate) fn text(text: &str) -> RData {
    let strings = text.as_bytes().chunks(255).map(|chunk| String::from_utf8_lossy(chunk).into());
    RData::TXT(TXT::new(strings.collect()))
}
