//! Rows in the server's binary copy format, the quickest way in.

use std::io::Cursor;
use std::pin::Pin;

use futures_util::SinkExt;
use tokio_postgres::CopyInSink;

use super::View;
use super::driver::wait;
use crate::error::Result;

/// Where a copy's bytes go.
pub(super) type Sink = Pin<Box<CopyInSink<Cursor<Vec<u8>>>>>;

/// Signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Bytes that are sent at once.
const PART: usize = 256 * 1024;

/// A copy that goes on.
pub(super) struct Copy<'a> {
    view: &'a View<'a>,
    sink: Sink,
    columns: i16,
    bytes: Vec<u8>,
}

impl<'a> Copy<'a> {
    pub(super) fn begin(view: &'a View<'a>, sql: &str, columns: usize) -> Result<Copy<'a>> {
        let mut bytes = Vec::with_capacity(PART + PART / 4);
        bytes.extend_from_slice(HEADER);
        Ok(Copy { view, sink: view.copy_in(sql)?, columns: columns as i16, bytes })
    }

    /// Begins a row; each of its columns follows.
    pub(super) fn row(&mut self) {
        self.bytes.extend_from_slice(&self.columns.to_be_bytes());
    }

    pub(super) fn number(&mut self, number: Option<i64>) {
        let number = number.map(i64::to_be_bytes);
        self.field(number.as_ref().map(|bytes| bytes.as_slice()));
    }

    pub(super) fn real(&mut self, number: Option<f64>) {
        let number = number.map(f64::to_be_bytes);
        self.field(number.as_ref().map(|bytes| bytes.as_slice()));
    }

    pub(super) fn text(&mut self, text: Option<&str>) {
        self.field(text.map(str::as_bytes));
    }

    fn field(&mut self, field: Option<&[u8]>) {
        let length = field.map_or(-1, |field| field.len() as i32);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(field.unwrap_or_default());
    }

    /// Sends what there is, once it is much.
    pub(super) fn send_much(&mut self) -> Result<()> {
        if self.bytes.len() < PART { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> Result<()> {
        let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(PART + PART / 4));
        self.view.noted(wait(self.sink.send(Cursor::new(bytes))))
    }

    /// Ends the copy; without it, nothing of it is stored.
    pub(super) fn finish(mut self) -> Result<()> {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        self.send()?;
        self.view.noted(wait(self.sink.as_mut().finish()))?;
        Ok(())
    }
}
