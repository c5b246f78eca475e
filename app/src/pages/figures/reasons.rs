//! Why a figure is what it is: the policies that counted it, what was not seen, and what Asterisk counts beside it.

use telephony::{
    Queue, Timestamp,
    figures::{Policy, Share, now},
};

use crate::{
    access::QueueOn,
    model::figures::{GapOf, PolicyOf},
};

/// The targets that counted, in a few words.
pub fn targets(policies: &[PolicyOf]) -> String {
    let mut all: Vec<u64> = policies.iter().map(|one| one.policy.target_ms).collect();
    all.sort_unstable();
    all.dedup();
    match all.as_slice() {
        [] => String::new(),
        [one] => format!("within {} s", seconds(*one)),
        [first, .., last] => format!("within {} to {} s", seconds(*first), seconds(*last)),
    }
}

/// Whole seconds.
pub fn seconds(duration_ms: u64) -> u64 {
    duration_ms / 1_000
}

/// The policy that counts for who joins a queue now.
pub fn latest(policies: &[PolicyOf], queue: &QueueOn) -> Option<Policy> {
    let of = policies.iter().filter(|one| one.queue == *queue);
    of.max_by_key(|one| one.policy.version).map(|one| one.policy)
}

/// The service level of those who wait at this moment, each by the target of their queue.
pub fn waiting<'all>(queues: impl Iterator<Item = (Policy, &'all Queue)>, at: Timestamp) -> Option<Share> {
    let (mut part, mut whole) = (0, 0);
    for (policy, queue) in queues {
        let waits = queue.waiting.iter().map(|caller| at.since_ms(caller.joined));
        if let Some(share) = now(waits, &policy) {
            part += share.part;
            whole += share.whole;
        }
    }
    (whole > 0).then_some(Share { part, whole })
}

/// The part of a gap that a time crosses.
pub fn crossed(gap: &GapOf, (from_ms, to_ms): (u64, u64)) -> Option<(u64, u64)> {
    let (from, to) = (gap.from.0.max(from_ms), gap.to.0.min(to_ms));
    (from < to).then_some((from, to))
}

/// What fills a gap, where something does.
pub fn filled(gap: &GapOf) -> Option<String> {
    let agents = match gap.agents_unknown {
        None => "nor what agents did".to_owned(),
        Some(0) => "of agents it tells when they were logged in and paused, and nothing else".to_owned(),
        Some(few) => format!(
            "of agents it tells when they were logged in and paused, but of {few} of them not all the time"
        ),
    };
    gap.filled
        .then(|| format!(" Its queue log tells what came of calls, not who was turned away; {agents}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PbxId;

    fn policy(version: u32, target_s: u64) -> PolicyOf {
        PolicyOf {
            queue: (PbxId(1), "support".into()),
            since: Timestamp(0),
            policy: Policy {
                version,
                target_ms: target_s * 1_000,
                short_abandon_ms: 5_000,
            },
        }
    }

    #[test]
    fn the_newest_policy_counts_for_who_waits_now_and_targets_are_told_once() {
        let policies = [policy(1, 20), policy(2, 30), policy(3, 20)];
        assert_eq!(targets(&policies), "within 20 to 30 s");
        assert_eq!(targets(&policies[..1]), "within 20 s");
        assert_eq!(targets(&[]), "");
        let queue = (PbxId(1), "support".into());
        assert_eq!(latest(&policies, &queue).map(|policy| policy.version), Some(3));
        assert_eq!(latest(&policies, &(PbxId(2), "support".into())), None);
        assert_eq!(waiting(std::iter::empty(), Timestamp(0)), None);
    }

    #[test]
    fn a_gap_is_told_as_far_as_the_time_crosses_it() {
        let gap = GapOf {
            pbx: PbxId(1),
            from: Timestamp(100),
            to: Timestamp(200),
            reason: String::new(),
            filled: false,
            agents_unknown: None,
        };
        assert_eq!(crossed(&gap, (150, 300)), Some((150, 200)));
        assert_eq!(crossed(&gap, (0, 100)), None);
        assert_eq!(crossed(&gap, (200, 300)), None);
    }
}
