// A builder of automations: it puts their JSON together, and the core looks it over.
// What the methods do is documented in index.d.ts.
"use strict";

/** A step without what was not given. */
const given = (step) => Object.fromEntries(Object.entries(step).filter(([, value]) => value !== undefined));

/** Makes the same with other steps. */
const again = Symbol("again");

/** Steps, one after the other; each method gives new ones, with one step more, and leaves these alone. */
class Steps {
  #steps;

  constructor(steps = []) {
    this.#steps = steps;
  }

  [again](steps) {
    return new Steps(steps);
  }

  /** The JSON of steps that were built, or that are JSON already. */
  static listed(steps) {
    return steps instanceof Steps ? steps.#steps : steps;
  }

  #and(step) {
    return this[again]([...this.#steps, given(step)]);
  }

  sms(options) {
    return this.#and({ do: "sms", ...options });
  }

  set(values) {
    return this.#and({ do: "set", values });
  }

  assign(owners) {
    return this.#and({ do: "assign", owners });
  }

  tag(add, remove) {
    return this.#and({ do: "tag", add, remove });
  }

  status(to) {
    return this.#and({ do: "status", to });
  }

  task(subject, body) {
    return this.#and({ do: "task", subject, body });
  }

  host(event, data) {
    return this.#and({ do: "host", event, data });
  }

  wait(time, options) {
    return this.#and({ do: "wait", for: time, ...options });
  }

  awaitReply(time) {
    return this.#and({ do: "await_reply", for: time });
  }

  when(condition, then, otherwise) {
    const ways = { then: Steps.listed(then), else: Steps.listed(otherwise) };
    return this.#and({ do: "if", condition, ...ways });
  }

  stop() {
    return this.#and({ do: "stop" });
  }
}

class AutomationBuilder extends Steps {
  #head;

  constructor(head, steps) {
    super(steps);
    this.#head = head;
  }

  [again](steps) {
    return new AutomationBuilder(this.#head, steps);
  }

  build() {
    return structuredClone({ ...this.#head, steps: Steps.listed(this) });
  }
}

function automation(trigger, options) {
  return new AutomationBuilder(given({ trigger, ...options }));
}

function steps() {
  return new Steps();
}

/** The JSON of an automation, built or written. */
const specOf = (spec) => (spec instanceof AutomationBuilder ? spec.build() : spec);

module.exports = { automation, specOf, steps };
