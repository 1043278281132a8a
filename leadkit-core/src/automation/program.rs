//! The steps of an automation in one row, so that a run's place is a number.

use crate::model::automation::{Condition, Step};

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place<'a> {
    /// Something to do; the next place follows.
    Do(&'a Step),
    /// The next place follows when the condition holds, this one otherwise.
    Branch(&'a Condition, usize),
    /// This place follows.
    Jump(usize),
}

/// All places, in the order of the text: of an `if`, its condition, then one way, then the other.
pub(super) fn places(steps: &[Step]) -> Vec<Place<'_>> {
    let mut all = Vec::new();
    add(steps, &mut all);
    all
}

fn add<'a>(steps: &'a [Step], all: &mut Vec<Place<'a>>) {
    for step in steps {
        let Step::If { condition, then, otherwise } = step else {
            all.push(Place::Do(step));
            continue;
        };
        let branch = all.len();
        all.push(Place::Branch(condition, 0));
        add(then, all);
        let jump = all.len();
        all.push(Place::Jump(0));
        all[branch] = Place::Branch(condition, all.len());
        add(otherwise, all);
        all[jump] = Place::Jump(all.len());
    }
}
