//! Which fault is injected into which call: by operation, or drawn by seed. The same seed draws the same
//! faults in the same order.

use std::collections::VecDeque;

use super::{Fault, NotificationFault, Payer};

struct Rule {
    /// `None` is every operation.
    operation: Option<String>,
    fault: Fault,
    left: u32,
}

/// What is to go wrong.
pub struct Faults {
    rules: Vec<Rule>,
    percent: u8,
    kinds: Vec<Fault>,
    notifications: VecDeque<NotificationFault>,
    payers: VecDeque<Payer>,
    state: u64,
}

impl Faults {
    pub fn new(seed: u64) -> Self {
        Self {
            rules: Vec::new(),
            percent: 0,
            kinds: Vec::new(),
            notifications: VecDeque::new(),
            payers: VecDeque::new(),
            state: seed,
        }
    }

    /// The next `times` calls of an operation (`POST /v3/…`), or of any, go wrong.
    pub fn add(&mut self, operation: Option<String>, fault: Fault, times: u32) {
        self.rules.push(Rule {
            operation,
            fault,
            left: times,
        });
    }

    /// So many in a hundred calls go wrong in one of these ways.
    pub fn random(&mut self, percent: u8, kinds: Vec<Fault>) {
        (self.percent, self.kinds) = (percent.min(100), kinds);
    }

    /// The next notification goes wrong.
    pub fn notification(&mut self, fault: NotificationFault) {
        self.notifications.push_back(fault);
    }

    /// What the payer does with the code payment after those that were armed before.
    pub fn payer(&mut self, payer: Payer) {
        self.payers.push_back(payer);
    }

    /// What the payer does with the next code payment.
    pub fn next_payer(&mut self) -> Payer {
        self.payers.pop_front().unwrap_or(Payer::Pays)
    }

    /// The faults that are armed: the operation, the fault, and for how many calls.
    pub fn armed(&self) -> impl Iterator<Item = (Option<&str>, Fault, u32)> {
        self.rules
            .iter()
            .map(|rule| (rule.operation.as_deref(), rule.fault, rule.left))
    }

    /// What happens to the next notification.
    pub fn pick_notification(&mut self) -> Option<NotificationFault> {
        self.notifications.pop_front()
    }

    pub fn clear(&mut self) {
        self.rules.clear();
        self.notifications.clear();
        self.payers.clear();
        self.random(0, Vec::new());
    }

    /// splitmix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// What happens to the next call of an operation.
    pub fn pick(&mut self, operation: &str) -> Option<Fault> {
        let fits = |rule: &Rule| rule.operation.as_deref().is_none_or(|name| name == operation);
        if let Some(at) = self.rules.iter().position(fits) {
            let fault = self.rules[at].fault;
            self.rules[at].left = self.rules[at].left.saturating_sub(1);
            self.rules.retain(|rule| rule.left > 0);
            return Some(fault);
        }
        if self.percent == 0 || self.kinds.is_empty() || self.next() % 100 >= u64::from(self.percent) {
            return None;
        }
        let draw = self.next() % self.kinds.len() as u64;
        usize::try_from(draw)
            .ok()
            .and_then(|at| self.kinds.get(at).copied())
    }
}
