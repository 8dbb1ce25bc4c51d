//! Raw HTTP/1.1 over TCP, for requests that HTTP clients do not send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Ten times the response time on a slow machine.
const ANSWER_MAX: Duration = Duration::from_secs(60);

pub struct RawConnection(TcpStream);

/// A response with `Content-Length`.
#[derive(Debug)]
pub struct RawAnswer {
    pub head: String,
    pub body: String,
}

impl RawConnection {
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(ANSWER_MAX)).unwrap();
        stream.set_write_timeout(Some(ANSWER_MAX)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    pub fn local_port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// Sends a part of a request as a separate packet. Ignores a closed connection.
    pub fn send(&mut self, text: &str) {
        let _ = self.0.write_all(text.as_bytes());
    }

    /// The next response; `None` if the connection is closed.
    pub fn answer(&mut self) -> Option<RawAnswer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.byte()?);
        }
        let mut answer = RawAnswer {
            head: String::from_utf8(head).unwrap().to_lowercase(),
            body: String::new(),
        };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).ok()?;
        answer.body = String::from_utf8(body).unwrap();
        Some(answer)
    }

    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        match self.0.read(&mut byte) {
            Ok(1) => Some(byte[0]),
            _ => None,
        }
    }
}

impl RawAnswer {
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(each, _)| *each == name).map(|(_, value)| value).next()
    }
}
