/** Keeps what was used last, up to a number of bytes. */

export class Cache<Value> {
  private readonly kept = new Map<number, Value>();
  private readonly most: number;
  private readonly drop: (value: Value) => void;

  /** Holds `bytes / each` values, two at the least; `drop` is called with each that has to go. */
  constructor(bytes: number, each: number, drop: (value: Value) => void) {
    this.most = Math.max(2, Math.floor(bytes / Math.max(each, 1)));
    this.drop = drop;
  }

  get(key: number): Value | undefined {
    const value = this.kept.get(key);
    if (value === undefined) return undefined;
    this.kept.delete(key);
    this.kept.set(key, value);
    return value;
  }

  set(key: number, value: Value): void {
    const old = this.kept.get(key);
    if (old !== undefined && old !== value) this.drop(old);
    this.kept.delete(key);
    this.kept.set(key, value);
    for (const [oldest, least] of this.kept) {
      if (this.kept.size <= this.most) break;
      this.kept.delete(oldest);
      this.drop(least);
    }
  }

  clear(): void {
    for (const value of this.kept.values()) this.drop(value);
    this.kept.clear();
  }
}
