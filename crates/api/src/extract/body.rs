//! The request body: size limit, media type, text.

use std::error::Error;

use axum::body::Body;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use secrecy::zeroize::{Zeroize as _, Zeroizing};

use super::Media;
use crate::middleware::BodyTooSlow;
use crate::operation::BODY_LIMIT;
use crate::problem::ApiError;
use domain::Fault;

/// Reads a body of at most `BODY_LIMIT` bytes. It may have a secret, so it is wiped after use.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: u64| length > BODY_LIMIT as u64) {
        return Err(ApiError::PayloadTooLarge);
    }
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(collected) => {
            let bytes = collected.to_bytes();
            let read = Zeroizing::new(bytes.to_vec());
            // Fails where the HTTP library still holds the buffer.
            if let Ok(mut bytes) = bytes.try_into_mut() {
                bytes.zeroize();
            }
            Ok(read)
        }
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::PayloadTooLarge),
        Err(error) if is_too_slow(&*error) => Err(ApiError::unavailable(
            1,
            "The body of the request did not arrive in time. Send it again.",
        )),
        Err(_) => Err(ApiError::Malformed(Fault::at("", "ended before it was complete").into())),
    }
}

fn is_too_slow(error: &(dyn Error + 'static)) -> bool {
    error.is::<BodyTooSlow>() || error.source().is_some_and(is_too_slow)
}

/// Checks that the body is declared as this media type, in UTF-8, uncompressed.
pub fn check_media_type(headers: &HeaderMap, media: Media) -> Result<(), ApiError> {
    let supported = match media {
        Media::Json => "application/json",
        Media::Form => "application/x-www-form-urlencoded",
        Media::MergePatch => "application/merge-patch+json or application/json",
    };
    let refused = || ApiError::UnsupportedMediaType(supported);
    let is_plain = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(refused()) };
    let text = value.to_str().map_err(|_| refused())?;
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_asked_for = match essence.as_str() {
        "application/json" => media != Media::Form,
        "application/x-www-form-urlencoded" => media == Media::Form,
        "application/merge-patch+json" => media == Media::MergePatch,
        _ => false,
    };
    let is_utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
        }
        _ => true,
    });
    if is_plain && is_asked_for && is_utf8 { Ok(()) } else { Err(refused()) }
}
