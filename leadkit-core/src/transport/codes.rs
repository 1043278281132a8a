//! Twilio's error codes: what they say, and which family of reasons they belong to.
//!
//! The sentences are Twilio's, the families ours.

use crate::model::transport::RefusalClass::{
    A2pDailyCap, A2pRate, AccountSuspended, AmbiguousServer, Auth, BadMedia, BadRequest, BadState, Blocked,
    CarrierCongestion, CarrierFiltered, ContentTooLarge, ContentTooLong, GeoPermission, InvalidRecipient,
    LandlineOrUnreachableCarrier, MissingInboundSegment, MmsUnsupported, NotFound, NotMobile, OptedOut,
    PriceExceeded, ProviderTimeout, QueueOverflow, RateLimit, ScheduleInvalid, ScheduleLimit, SenderConfig,
    SenderQueueFull, SenderRegistration, TrialUnverified, UnknownDelivery, UnknownHandset,
    UnreachableHandset, Unroutable,
};
use crate::model::transport::{Refusal, RefusalClass};

/// The family of a code; [`RefusalClass::Other`] when this version does not know it.
///
/// ```
/// use leadkit_core::model::transport::RefusalClass;
/// use leadkit_core::transport::codes;
/// assert_eq!(codes::class(21610), RefusalClass::OptedOut);
/// assert!(codes::class(21610).suppress() && codes::class(30003).retry());
/// ```
pub fn class(code: u32) -> RefusalClass {
    find(code).map_or(RefusalClass::Other, |(_, class, _)| *class)
}

/// What a code means, in Twilio's sentence.
pub fn meaning(code: u32) -> Option<&'static str> {
    find(code).map(|(_, _, message)| *message)
}

/// All that is known of a code, as the reason why a message was refused or not delivered.
pub fn refusal(code: u32) -> Refusal {
    class(code).refusal(Some(code), meaning(code).unwrap_or("a reason that this version does not know"))
}

fn find(code: u32) -> Option<&'static (u32, RefusalClass, &'static str)> {
    CODES.binary_search_by_key(&code, |(code, ..)| *code).ok().and_then(|at| CODES.get(at))
}

/// In the order of the codes.
#[rustfmt::skip]
const CODES: &[(u32, RefusalClass, &str)] = &[
    (13227, GeoPermission, "Geo Permission configuration is not permitting call"),
    (20003, Auth, "Permission Denied"),
    (20005, AccountSuspended, "Account not active"),
    (20404, NotFound, "Not Found"),
    (20429, RateLimit, "Too Many Requests"),
    (20500, AmbiguousServer, "Internal Server Error"),
    (20503, AmbiguousServer, "Service unavailable"),
    (21201, BadRequest, "No 'To' number specified"),
    (21205, BadRequest, "Invalid URL"),
    (21210, SenderConfig, "'From' phone number not verified"),
    (21211, InvalidRecipient, "Invalid 'To' Phone Number"),
    (21212, SenderConfig, "Invalid 'From' Phone Number"),
    (21213, BadRequest, "'From' phone number is required"),
    (21214, InvalidRecipient, "'To' phone number cannot be reached"),
    (21215, GeoPermission, "Geo Permission configuration is not permitting call"),
    (21216, GeoPermission, "Account not allowed to call this phone number"),
    (21217, InvalidRecipient, "Phone number does not appear to be valid"),
    (21218, BadRequest, "Invalid ApplicationSid"),
    (21219, TrialUnverified, "'To' phone number not verified"),
    (21220, BadState, "Invalid call state"),
    (21266, BadRequest, "'To' and 'From' numbers cannot be the same"),
    (21408, GeoPermission, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"),
    (21421, InvalidRecipient, "Phone Number is invalid"),
    (21601, SenderConfig, "Phone number is not a valid SMS-capable inbound phone number"),
    (21602, BadRequest, "Message body is required"),
    (21603, BadRequest, "A 'From' or 'MessagingServiceSid' parameter is required to send a message"),
    (21604, BadRequest, "The destination 'To' phone number is required to send an SMS"),
    (21606, SenderConfig, "The 'From' phone number provided is not a valid message-capable Twilio phone number for this destination"),
    (21608, TrialUnverified, "The 'to' phone number provided is not yet verified for this account"),
    (21610, OptedOut, "Attempt to send to unsubscribed recipient"),
    (21611, SenderQueueFull, "This 'From' number has exceeded the maximum number of queued messages"),
    (21612, Unroutable, "The 'To' phone number is not currently reachable via SMS"),
    (21614, NotMobile, "'To' number is not a valid mobile number"),
    (21617, ContentTooLong, "The concatenated message body exceeds the 1600 character limit"),
    (21619, BadRequest, "A text message body or media URLs must be specified"),
    (21620, BadMedia, "Invalid media URL(s)"),
    (21623, BadMedia, "Number of media files exceeds allowed limit"),
    (21635, NotMobile, "'To' number cannot be a landline"),
    (21654, BadRequest, "ContentSid Required"),
    (21656, BadRequest, "The ContentVariables Parameter is invalid"),
    (21703, SenderConfig, "The Messaging Service does not have a phone number available to send a message"),
    (21704, SenderConfig, "The Messaging Service contains no phone numbers"),
    (21705, SenderConfig, "The Messaging Service is invalid"),
    (30001, QueueOverflow, "Queue overflow"),
    (30002, AccountSuspended, "Account suspended"),
    (30003, UnreachableHandset, "Unreachable destination handset"),
    (30004, Blocked, "Message blocked"),
    (30005, UnknownHandset, "Unknown destination handset"),
    (30006, LandlineOrUnreachableCarrier, "Landline or unreachable carrier"),
    (30007, CarrierFiltered, "Message filtered"),
    (30008, UnknownDelivery, "Unknown error"),
    (30009, MissingInboundSegment, "Missing inbound segment"),
    (30010, PriceExceeded, "Message price exceeds max price"),
    (30011, MmsUnsupported, "MMS not supported by the receiving phone number in this region"),
    (30017, CarrierCongestion, "Carrier network congestion"),
    (30018, SenderRegistration, "Destination carrier requires sender ID pre-registration"),
    (30019, ContentTooLarge, "Content size exceeds carrier limit"),
    (30022, A2pRate, "US A2P 10DLC - Rate Limits Exceeded"),
    (30023, A2pDailyCap, "US A2P 10DLC - Daily Message Cap Reached"),
    (30024, SenderRegistration, "Numeric Sender ID Not Provisioned on Carrier"),
    (30032, SenderRegistration, "Toll-Free Number Has Not Been Verified"),
    (30034, SenderRegistration, "US A2P 10DLC - Message from an Unregistered Number"),
    (30410, ProviderTimeout, "Provider Timeout Error"),
    (30450, Blocked, "Message delivery blocked"),
    (35111, ScheduleInvalid, "SendAt timestamp is missing"),
    (35114, ScheduleInvalid, "Scheduling does not support this timestamp"),
    (35118, ScheduleInvalid, "MessagingServiceSid is required to schedule a message"),
    (35125, ScheduleLimit, "Maximum limit reached in the account for scheduling messages"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::RefusalClass::Other;
    use super::*;

    #[test]
    fn codes_are_in_order() {
        assert!(CODES.is_sorted_by(|a, b| a.0 < b.0));
        for (code, known, message) in CODES {
            assert_eq!((class(*code), meaning(*code)), (*known, Some(*message)));
        }
    }

    #[test]
    fn an_unknown_code_is_a_final_refusal() {
        let refusal = refusal(99_999);
        assert_eq!((refusal.class, refusal.code, refusal.suppress), (Other, Some(99_999), false));
        assert!(refusal.advice.contains("twilio.com/docs/api/errors"));
    }

    #[test]
    fn classes_are_words() {
        for class in RefusalClass::ALL {
            assert_eq!(serde_json::to_value(class).unwrap(), class.as_str());
            assert!(!(class.retry() && class.suppress() || class.advice().is_empty()), "{class:?}");
        }
    }
}
