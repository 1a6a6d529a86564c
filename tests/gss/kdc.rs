//! The realm's KDC on loopback.

use super::realm::{Trouble, answer, error};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// What it was asked.
pub type Asked = Arc<Mutex<Vec<Vec<u8>>>>;

/// Starts it; returns where it is, and what it will have been asked.
pub async fn start(trouble: Trouble) -> (SocketAddr, Asked) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Asked::default());
    let keep = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, trouble, Arc::clone(&keep)));
        }
    });
    (address, asked)
}

/// Starts it with a UDP socket beside it, to which every answer is too big; returns how often that was asked as well.
pub async fn start_with_udp() -> (SocketAddr, Asked, Asked) {
    let (address, asked) = start(Trouble::None).await;
    let (socket, too_big) = (UdpSocket::bind(address).await.unwrap(), Asked::default());
    let keep = Arc::clone(&too_big);
    tokio::spawn(async move {
        let mut buffer = vec![0; 65535];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            keep.lock().unwrap().push(buffer[..length].to_vec());
            // KRB_ERR_RESPONSE_TOO_BIG
            socket.send_to(&error(52, None), from).await.unwrap();
        }
    });
    (address, asked, too_big)
}

/// One question: four octets of length, then the message.
async fn serve(mut stream: TcpStream, trouble: Trouble, asked: Asked) {
    let length = stream.read_u32().await.unwrap();
    let mut request = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut request).await.unwrap();
    let reply = answer(&request, trouble);
    asked.lock().unwrap().push(request);
    stream.write_u32(u32::try_from(reply.len()).unwrap()).await.unwrap();
    stream.write_all(&reply).await.unwrap();
}
