//! Connections: what is asked again when one ends, what a connection carries, and what ends one that does not move (R2 to R7).

use super::update::update;
use super::*;
use dnsconverge::net::UpdateError;
use tokio::net::TcpSocket;

#[tokio::test]
async fn r2_r5_a_question_whose_connection_is_closed_is_asked_once_more() {
    for act in [Act::Close, Act::steps(|_| Box::new([Step::Reset].into_iter()))] {
        let once = Fault::new(On::Query, act.clone()).first(1);
        let server = Lab::primary(zone()).fault(once).start().await.unwrap();
        let answer = network().query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
        assert!(is_good(&answer));
        assert_eq!(server.connections(), 2);
        let always = Lab::primary(zone()).fault(Fault::new(On::Query, act)).start().await.unwrap();
        let error = network().query_tcp(&Peer::plain(always.address()), &question("www"), None).await.unwrap_err();
        assert!(matches!(error, ExchangeError::Closed { .. }), "{error}");
        assert_eq!(always.connections(), 2, "once more, and not for ever");
    }
}

#[tokio::test]
async fn r5_an_update_whose_connection_is_closed_is_not_sent_again() {
    let server = Lab::primary(zone()).fault(Fault::new(On::Update, Act::Close)).start().await.unwrap();
    let error = network().update(&Peer::plain(server.address()), &update(1), None).await.unwrap_err();
    assert!(matches!(error, UpdateError::Unknown(ExchangeError::Closed { .. })), "{error}");
    assert_eq!((server.requests().len(), server.connections()), (1, 1));
}

#[tokio::test]
async fn r2_r3_a_connection_carries_one_question_and_is_ended_after_its_answer() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let peer = Peer::plain(listener.local_addr().unwrap());
    let answering = async {
        let mut ids = HashSet::new();
        for _ in 0..20 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut query = vec![0; usize::from(stream.read_u16().await.unwrap())];
            stream.read_exact(&mut query).await.unwrap();
            ids.insert([query[0], query[1]]);
            // The question comes back as an answer of NXDOMAIN.
            query[2..4].copy_from_slice(&[0x84, 3]);
            stream.write_u16(u16::try_from(query.len()).unwrap()).await.unwrap();
            stream.write_all(&query).await.unwrap();
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "nothing follows the question");
        }
        ids.len()
    };
    let network = network();
    let asked = question("www");
    let asking = async {
        for _ in 0..20 {
            network.query_tcp(&peer, &asked, None).await.unwrap();
        }
    };
    let ((), ids) = tokio::join!(asking, answering);
    assert!(ids >= 19, "20 IDs at random, {ids} different");
}

#[tokio::test]
async fn r7_a_peer_that_takes_nothing_in_is_bounded_by_the_deadline() {
    // The least window that the system gives; nobody reads, so it closes after a few segments.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(1).unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(8).unwrap();
    let peer = Peer::plain(listener.local_addr().unwrap());
    let network = Network::new().timeout(Duration::from_millis(300));
    let mut long = update(1);
    long.resize(usize::from(u16::MAX), 0);
    let error = network.update(&peer, &long, None).await.unwrap_err();
    assert!(matches!(error, UpdateError::Unknown(ExchangeError::Timeout { .. })), "{error}");
}

#[tokio::test]
async fn r7_a_half_closed_connection_still_brings_its_answer() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let peer = Peer::plain(listener.local_addr().unwrap());
    let answering = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut query = vec![0; usize::from(stream.read_u16().await.unwrap())];
        stream.read_exact(&mut query).await.unwrap();
        query[2..4].copy_from_slice(&[0x84, 3]);
        // Octet by octet, each in a segment of its own, and then the end of this direction alone.
        stream.set_nodelay(true).unwrap();
        for octet in [&u16::try_from(query.len()).unwrap().to_be_bytes(), query.as_slice()].concat() {
            stream.write_all(&[octet]).await.unwrap();
        }
        stream.shutdown().await.unwrap();
        // Kept open until we have closed.
        let _ = stream.read(&mut [0]).await;
    };
    let (network, asked) = (network(), question("www"));
    let (answer, ()) = tokio::join!(network.query_tcp(&peer, &asked, None), answering);
    assert_eq!(Message::parse(&answer.unwrap().octets).unwrap().rcode(), Rcode::NXDOMAIN);
}
