//! The realm's KDC on loopback.

use super::realm::{Trouble, answer};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

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
