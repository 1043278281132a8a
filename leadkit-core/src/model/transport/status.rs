//! Statuses of messages and calls, and what two of them make together.

use super::words;

words! {
    /// Where a message stands, from the request to the recipient's eyes.
    ///
    /// Callbacks come in any order, repeated and late: [`MessageStatus::merge`] gives the same end
    /// for all of them.
    ///
    /// ```
    /// use leadkit_core::model::transport::MessageStatus::{Delivered, Sent};
    /// assert_eq!(Delivered.merge(Sent), Delivered);
    /// assert_eq!(Sent.merge(Delivered), Delivered);
    /// ```
    MessageStatus {
        /// A word that this version does not know; it never replaces one that it does.
        Unknown = "unknown",
        /// The provider sends it later.
        Scheduled = "scheduled",
        /// A messaging service has taken it.
        Accepted = "accepted",
        /// It waits for its turn.
        Queued = "queued",
        /// It is being handed to the carrier.
        Sending = "sending",
        /// The carrier has it.
        Sent = "sent",
        /// An inbound message is coming in.
        Receiving = "receiving",
        /// An inbound message has come in.
        Received = "received",
        /// It was taken back before it went out.
        Canceled = "canceled",
        /// It could not be sent.
        Failed = "failed",
        /// The carrier could not deliver it.
        Undelivered = "undelivered",
        /// Some of its recipients have it.
        PartiallyDelivered = "partially_delivered",
        /// The recipient's phone has it.
        Delivered = "delivered",
        /// The recipient has read it.
        Read = "read",
    }
}

words! {
    /// Where a call stands.
    CallStatus {
        /// A word that this version does not know; it never replaces one that it does.
        Unknown = "unknown",
        /// It waits for its turn.
        Queued = "queued",
        /// It is dialled.
        Initiated = "initiated",
        /// It rings.
        Ringing = "ringing",
        /// Somebody answered.
        InProgress = "in-progress",
        /// It was cancelled before anybody answered.
        Canceled = "canceled",
        /// It could not be connected.
        Failed = "failed",
        /// Nobody answered.
        NoAnswer = "no-answer",
        /// The line was busy.
        Busy = "busy",
        /// It was answered and has ended.
        Completed = "completed",
    }
}

impl MessageStatus {
    /// The status of a provider's word.
    pub fn parse(word: &str) -> MessageStatus {
        Self::ALL.iter().copied().find(|status| status.as_str() == word).unwrap_or(MessageStatus::Unknown)
    }

    /// How far it has come; 5 and above are ends.
    pub fn rank(self) -> u8 {
        match self {
            MessageStatus::Unknown | MessageStatus::Scheduled => 0,
            MessageStatus::Accepted => 1,
            MessageStatus::Queued => 2,
            MessageStatus::Sending | MessageStatus::Receiving => 3,
            MessageStatus::Sent => 4,
            MessageStatus::Canceled
            | MessageStatus::Failed
            | MessageStatus::Undelivered
            | MessageStatus::PartiallyDelivered => 5,
            MessageStatus::Delivered | MessageStatus::Received => 6,
            MessageStatus::Read => 7,
        }
    }

    /// What two reports make together: the one that has come further. Of different ends of one rank
    /// the order above decides, so that the result depends on neither order nor repetition.
    #[must_use]
    pub fn merge(self, other: MessageStatus) -> MessageStatus {
        if (other.rank(), other) > (self.rank(), self) { other } else { self }
    }

    /// Whether nothing more is to come, except `read` after `delivered`.
    pub fn is_final(self) -> bool {
        self.rank() >= 5
    }

    /// Whether the recipient has it.
    pub fn is_delivered(self) -> bool {
        matches!(self, MessageStatus::Delivered | MessageStatus::Read)
    }

    /// Whether the two cannot both be true, such as `failed` and `delivered`.
    pub fn conflicts(self, other: MessageStatus) -> bool {
        use MessageStatus::{Delivered, PartiallyDelivered, Read};
        let ways_to_read = |status| matches!(status, PartiallyDelivered | Delivered | Read);
        let both_end = self.is_final() && other.is_final();
        both_end && self != other && !(ways_to_read(self) && ways_to_read(other))
    }
}

impl CallStatus {
    /// The status of a provider's word.
    pub fn parse(word: &str) -> CallStatus {
        Self::ALL.iter().copied().find(|status| status.as_str() == word).unwrap_or(CallStatus::Unknown)
    }

    /// What two reports make together, whatever their order and repetition.
    #[must_use]
    pub fn merge(self, other: CallStatus) -> CallStatus {
        self.max(other)
    }

    /// Whether the call is over.
    pub fn is_final(self) -> bool {
        self >= CallStatus::Canceled
    }

    /// Whether the two cannot both be true, such as `busy` and `completed`.
    pub fn conflicts(self, other: CallStatus) -> bool {
        self.is_final() && other.is_final() && self != other
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn merging_knows_neither_order_nor_repetition() {
        for a in MessageStatus::ALL.iter().copied() {
            assert_eq!((a.merge(a), MessageStatus::parse(a.as_str())), (a, a));
            for b in MessageStatus::ALL.iter().copied() {
                assert_eq!(a.merge(b), b.merge(a), "{a:?} {b:?}");
                assert_eq!(a.conflicts(b), b.conflicts(a), "{a:?} {b:?}");
                for c in MessageStatus::ALL.iter().copied() {
                    assert_eq!(a.merge(b).merge(c), a.merge(b.merge(c)), "{a:?} {b:?} {c:?}");
                    assert_eq!(flagged([a, b, c]), flagged([c, a, b]), "{a:?} {b:?} {c:?}");
                    assert_eq!(flagged([a, b, c]), flagged([b, a, c]), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }

    /// Whether any step of merging them one after the other meets a conflict.
    fn flagged(statuses: [MessageStatus; 3]) -> bool {
        let mut state = MessageStatus::Unknown;
        statuses.into_iter().fold(false, |flag, status| {
            let flag = flag || state.conflicts(status);
            state = state.merge(status);
            flag
        })
    }

    #[test]
    fn what_has_come_further_wins() {
        use MessageStatus::{Delivered, Failed, Queued, Read, Scheduled, Sent, Undelivered, Unknown};
        for (a, b, merged) in [
            (Queued, Sent, Sent),
            (Sent, Undelivered, Undelivered),
            (Delivered, Failed, Delivered),
            (Read, Delivered, Read),
            (Scheduled, Unknown, Scheduled),
        ] {
            assert_eq!(a.merge(b), merged);
        }
        assert!(Delivered.conflicts(Failed) && !Delivered.conflicts(Read) && !Delivered.conflicts(Sent));
        assert!(MessageStatus::parse("a new word") == Unknown && !Unknown.is_final());
    }

    #[test]
    fn calls_end_once() {
        for a in CallStatus::ALL.iter().copied() {
            assert_eq!(CallStatus::parse(a.as_str()), a);
            for b in CallStatus::ALL.iter().copied() {
                assert_eq!(a.merge(b), b.merge(a));
            }
        }
        assert_eq!(CallStatus::Completed.merge(CallStatus::Ringing), CallStatus::Completed);
        assert!(CallStatus::Busy.conflicts(CallStatus::Completed) && CallStatus::Busy.is_final());
        assert!(!CallStatus::InProgress.is_final());
    }
}
