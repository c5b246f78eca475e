//! Searching: what each filter finds, for whom.

use super::*;

#[tokio::test]
async fn each_filter_finds_what_it_says_and_they_add_up() {
    let missed = FinishedCall {
        result: CallResult::Missed,
        direction: Direction::Outbound,
        caller: party("1003", "Carla"),
        callee: party("+441632960001", ""),
        others: Vec::new(),
        queue: None,
        trunk: Some("other".into()),
        answered: None,
        ended: Timestamp(START + 3_600_000 + 5_000),
        marks: Marks::default(),
        ..call(3_600_000)
    };
    let kept = Kept::of([call(0), missed]).await;
    let (first, second) = (vec!["0.1".to_owned()], vec!["3600000.1".to_owned()]);
    let of = |change: fn(&mut CallSearch)| {
        let mut search = any();
        change(&mut search);
        search
    };
    for (search, found) in [
        (of(|search| search.caller = "+49 30 1234567".into()), &first),
        (of(|search| search.caller = "ÖZGÜR".into()), &first),
        (of(|search| search.callee = "+44".into()), &second),
        (of(|search| search.anyone = "carl".into()), &second),
        (of(|search| search.anyone = "an".into()), &first),
        (of(|search| search.extension = "1002".into()), &first),
        (of(|search| search.queue = "sales".into()), &first),
        (of(|search| search.trunk = "other".into()), &second),
        (of(|search| search.direction = Some(Direction::Inbound)), &first),
        (
            of(|search| search.results = vec![CallResult::Missed, CallResult::Busy]),
            &second,
        ),
        (of(|search| search.recorded = Some(false)), &second),
        (of(|search| search.longer_s = Some(62)), &first),
        (of(|search| search.shorter_s = Some(6)), &second),
        (of(|search| search.from_ms = Some(START + 1)), &second),
        (of(|search| search.to_ms = Some(START + 1)), &first),
        (
            of(|search| (search.anyone, search.queue) = ("1001".into(), "sales".into())),
            &first,
        ),
    ] {
        assert_eq!(&kept.found(search.clone()).await, found, "{search:?}");
    }
    for search in [
        of(|search| search.longer_s = Some(63)),
        of(|search| search.pbx = Some(PbxId(2))),
        of(|search| (search.caller, search.queue) = ("carla".into(), "sales".into())),
        of(|search| (search.caller, search.callee) = ("1003".into(), "1001".into())),
        of(|search| search.extension = "100".into()),
    ] {
        assert!(kept.found(search.clone()).await.is_empty(), "{search:?}");
    }
}

#[tokio::test]
async fn what_is_frequent_is_found_as_what_is_rare_is() {
    // more numbers than are known beforehand, and more names than are gone through one by one
    let calls = (0..4_000_u64).map(|at| FinishedCall {
        caller: party(
            &format!("0555{at:05}"),
            &format!("{} {at}", if at < 3_200 { "Dana" } else { "Evan" }),
        ),
        queue: Some(if at == 17 { "press".into() } else { "sales".into() }),
        ..call(at)
    });
    let kept = Kept::of(calls).await;
    let frequent = CallSearch {
        caller: "0555".into(),
        ..any()
    };
    let page = kept.page(&frequent, &Seen::Everything, Turn::Newest).await;
    assert_eq!((page.rows.len(), page.found, page.more), (PAGE, 1_000, true));
    for caller in ["0555", "dana", "d"] {
        let search = CallSearch {
            caller: caller.into(),
            queue: "press".into(),
            ..any()
        };
        assert_eq!(kept.found(search).await, ["17.1"], "{caller}");
    }
    assert_eq!(
        kept.found(CallSearch {
            caller: "555 03999".into(),
            ..any()
        })
        .await,
        ["3999.1"]
    );
}

#[tokio::test]
async fn nothing_that_is_typed_is_read_as_sql_or_as_a_pattern() {
    let odd = [
        "' OR 1=1 --",
        "\"; DROP TABLE call; --",
        "%",
        "_",
        "a*",
        "NEAR(a b)",
        "digits : x",
        "\u{0}",
        "\\",
        "(\"",
        "🙂",
    ];
    let calls = odd.iter().enumerate().map(|(at, text)| FinishedCall {
        caller: party("0309", &format!("Mallory {text}")),
        queue: Some((*text).to_owned()),
        trunk: Some((*text).to_owned()),
        ..call(at as u64)
    });
    let kept = Kept::of(calls).await;
    assert_eq!(kept.found(any()).await.len(), odd.len());
    for (at, text) in odd.iter().enumerate() {
        let name = vec![format!("{at}.1")];
        let mut search = CallSearch {
            queue: (*text).to_owned(),
            ..any()
        };
        assert_eq!(kept.found(search.clone()).await, name, "{text:?} as a queue");
        search = CallSearch {
            trunk: (*text).to_owned(),
            ..any()
        };
        assert_eq!(kept.found(search.clone()).await, name, "{text:?} as a trunk");
        search = CallSearch {
            caller: format!("mallory {text}"),
            ..any()
        };
        let found = kept.found(search).await;
        assert!(found.contains(&name[0]), "{text:?} as a name: {found:?}");
        for field in 0..4 {
            let mut search = any();
            let place = [
                &mut search.caller,
                &mut search.callee,
                &mut search.anyone,
                &mut search.extension,
            ];
            place.into_iter().nth(field).unwrap().push_str(text);
            kept.page(&search, &Seen::Everything, Turn::Newest).await;
        }
    }
    for turn in [
        Turn::Older(i64::MIN),
        Turn::Older(i64::MAX),
        Turn::Newer(i64::MIN),
        Turn::Newer(i64::MAX),
    ] {
        kept.page(
            &CallSearch {
                from_ms: Some(u64::MAX),
                to_ms: Some(0),
                ..any()
            },
            &Seen::Everything,
            turn,
        )
        .await;
    }
    assert_eq!(kept.found(any()).await.len(), odd.len());
}

#[tokio::test]
async fn only_what_a_viewer_may_see_is_found_or_counted() {
    let other = FinishedCall {
        callee: party("1007", "Grace"),
        others: vec![party("1008", "Hugo")],
        queue: Some("support".into()),
        ..call(5)
    };
    let listening = FinishedCall {
        direction: Direction::Internal,
        result: CallResult::Service,
        caller: party("1009", "Ines"),
        callee: party("1001", "Ann Anders"),
        others: Vec::new(),
        queue: None,
        marks: Marks::SUPERVISION,
        ..call(6)
    };
    let kept = Kept::of([call(0), other, listening]).await;
    kept.write(PbxId(2), [call(8)]).await;
    let of = |pbxs: &[i64], extensions: &[&str], queues: &[&str]| Seen::Of {
        pbxs: pbxs.iter().copied().map(PbxId).collect(),
        extensions: extensions.iter().map(|one| (PBX, (*one).to_owned())).collect(),
        queues: queues.iter().map(|one| (PBX, (*one).to_owned())).collect(),
    };
    for (seen, found) in [
        (of(&[], &[], &[]), vec![]),
        // whom somebody listens to does not hear of it
        (of(&[], &["1001"], &[]), vec!["0.1"]),
        (of(&[], &["1009"], &[]), vec!["6.1"]),
        // it rang there
        (of(&[], &["1008"], &[]), vec!["5.1"]),
        (of(&[], &["1001"], &["support"]), vec!["5.1", "0.1"]),
        (of(&[2], &[], &[]), vec!["8.1"]),
        (of(&[2], &["1009"], &[]), vec!["8.1", "6.1"]),
    ] {
        assert_eq!(kept.seen(any(), &seen).await, found, "{seen:?}");
        let searched = CallSearch {
            caller: "0301234567".into(),
            ..any()
        };
        let from_outside: Vec<&str> = found.into_iter().filter(|id| *id != "6.1").collect();
        assert_eq!(kept.seen(searched, &seen).await, from_outside, "{seen:?}");
    }
}
