// SPDX-License-Identifier: BSD-3-Clause
// One value, changed only by update; who subscribed hears of it once a frame.

export type Schedule = (run: () => void) => void;

export class Store<S> {
  private state: S;
  private readonly listeners = new Set<() => void>();
  private readonly schedule: Schedule;
  private told = true;

  constructor(initial: S, schedule: Schedule) {
    this.state = initial;
    this.schedule = schedule;
  }

  get(): S {
    return this.state;
  }

  update(change: (state: S) => S): void {
    const next = change(this.state);
    if (Object.is(next, this.state)) {
      return;
    }
    this.state = next;
    if (this.told) {
      this.told = false;
      this.schedule(() => {
        this.told = true;
        this.tell();
      });
    }
  }

  /** Merges some members. */
  set(parts: Partial<S>): void {
    this.update((state) => ({ ...state, ...parts }));
  }

  /** Calls `listener` after changes until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(): void {
    for (const listener of this.listeners) {
      listener();
    }
  }
}
