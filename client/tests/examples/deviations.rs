//! Any one field of any response or notification may be missing or of another kind: the rest is read, and
//! exactly this field is reported.

use wechatpay_client::webhook::v2;

use crate::documents::{DISTORTIONS, Hit, Subject, each_subject, xml};
use crate::line::{self, Outcome};
use crate::registry::{Document, Through, through};

macro_rules! notifications {
    ($($module:ident)*) => {
        [$((stringify!($module), through::<v2::$module::Notification> as Through)),*]
    };
}

/// The notifications of APIv2 by their modules.
const NOTIFICATIONS: [(&str, Through); 10] = notifications! {
    combined_transactions_success event_check_fail event_check_success event_transaction_fail
    event_transaction_success pap_contract_state_changed refund_processed transaction_success
    transactions_risk_occurred vehicle_state_changed_for_parking
};

/// Numbers that look random: SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// The module of a notification of APIv2: `event_check_fail` for `CHECK.FAIL.md`.
fn module(page: &str) -> String {
    let name = page.rsplit('/').next().unwrap_or(page).trim_end_matches(".md");
    let prefix = if name.starts_with(|first: char| first.is_ascii_uppercase()) {
        "event_"
    } else {
        ""
    };
    format!("{prefix}{}", name.to_lowercase().replace(['-', '.'], "_"))
}

/// Reads a document; gives what is wrong with the outcome.
fn problem(
    subject: &Subject<'_>,
    document: &serde_json::Map<String, serde_json::Value>,
    hit: Option<&Hit>,
) -> Option<String> {
    let outcome = match subject.line(document) {
        Some(line) => line::replay(&line),
        None => {
            let name = module(&subject.operation.page);
            let Some((_, through)) = NOTIFICATIONS.iter().find(|(module, _)| *module == name) else {
                return Some(format!("no type in `{name}`"));
            };
            through(&Document::Xml(&xml(document))).map(|(_, deviations)| Outcome {
                deviations,
                ..Outcome::default()
            })
        }
    };
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(problem) => return Some(format!("refused: {problem}")),
    };
    let paths: Vec<_> = outcome
        .deviations
        .iter()
        .map(|deviation| &*deviation.path)
        .collect();
    let right = match hit {
        None => paths.is_empty() && outcome.differences.is_empty(),
        Some(hit) => {
            let within = |path: &&str| {
                let rest = path.strip_prefix(&*hit.path);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            let counted = hit.deviations.is_none_or(|count| paths.len() == count);
            let exact = hit.deviations != Some(1) || paths == [&*hit.path];
            paths.iter().all(within) && counted && exact
        }
    };
    (!right).then(|| format!("deviations {paths:?}, differences {:?}", outcome.differences))
}

/// Tries `each` distorted documents of every operation, or all that there are.
fn try_documents(seed: u64, each: Option<usize>) {
    let (mut operations, mut documents, mut problems) = (0, 0, Vec::new());
    each_subject(|subject| {
        operations += 1;
        let page = &subject.operation.page;
        let (document, fields) = subject.document();
        if let Some(problem) = problem(subject, &document, None) {
            problems.push(format!("{page}: undistorted: {problem}"));
        }
        let mut random = Random(seed.wrapping_add(operations));
        let all = fields * DISTORTIONS.len();
        for number in 0..each.unwrap_or(all).min(all) {
            let number = each.map_or(number, |_| random.below(all));
            let distortion = DISTORTIONS[number % DISTORTIONS.len()];
            let (document, hit) = subject.distorted(1 + number / DISTORTIONS.len(), distortion);
            documents += 1;
            if let Some(problem) = problem(subject, &document, Some(&hit)) {
                problems.push(format!("{page}: {} {distortion:?}: {problem}", hit.path));
            }
        }
    });
    println!("{documents} documents of {operations} operations and notifications");
    assert!(operations > 1250, "{operations} operations");
    let shown: Vec<_> = problems.iter().take(60).map(String::as_str).collect();
    assert!(
        problems.is_empty(),
        "seed {seed}: {} problems:\n{}",
        problems.len(),
        shown.join("\n")
    );
}

/// `DEVIATIONS_SEED` tries others than the usual ones.
#[test]
fn any_one_field_may_be_missing_or_of_another_kind() {
    let seed = std::env::var("DEVIATIONS_SEED").map_or(20_261_125, |seed| seed.parse().expect("a number"));
    try_documents(seed, Some(8));
}

#[test]
#[ignore = "takes minutes: every distortion of every field"]
fn every_field_may_be_missing_or_of_another_kind() {
    try_documents(0, None);
}
