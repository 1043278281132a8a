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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_stand_in_one_row_and_lead_on() {
        let condition = Condition { replied: Some(true), ..Condition::default() };
        let inner = Step::when(condition.clone(), [Step::Stop {}], []);
        let steps =
            [Step::when(condition.clone(), [Step::wait("1d"), inner], [Step::task("Call")]), Step::Stop {}];
        let all = places(&steps);
        let ways: Vec<String> = all
            .iter()
            .map(|place| match place {
                Place::Do(step) => step.as_str().to_string(),
                Place::Branch(_, otherwise) => format!("if not {otherwise}"),
                Place::Jump(to) => format!("go to {to}"),
            })
            .collect();
        assert_eq!(ways, ["if not 6", "wait", "if not 5", "stop", "go to 5", "go to 7", "task", "stop"]);
        assert!(places(&[]).is_empty());
    }
}
