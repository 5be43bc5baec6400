/** A value of the configuration that the pump cannot work with; the message says where it stands. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

export type Properties = Record<string, unknown>;

export function isProperties(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads the properties of one declared event, with the place in the configuration for its errors. */
export class EventReader {
  readonly place: string;
  readonly #properties: Properties;
  readonly #resolve: (value: unknown) => unknown;

  constructor(place: string, properties: Properties, resolve: (value: unknown) => unknown) {
    this.place = place;
    this.#properties = properties;
    this.#resolve = resolve;
  }

  /** A number, or the default. */
  number(key: string, otherwise: number): number {
    const value = this.#properties[key] ?? otherwise;
    if (typeof value !== "number") throw this.error(`${key} must be a number`);
    return value;
  }

  /** True unless it says false. */
  get enabled(): boolean {
    return this.#properties.enabled !== false;
  }

  flag(key: string): boolean {
    return this.#properties[key] === true;
  }

  raw(key: string): unknown {
    return this.#properties[key];
  }

  /** The value with every reference in it resolved, however deep it stands. */
  resolved(key: string): unknown {
    return this.#resolve(this.#properties[key]);
  }

  /** The object under the key; empty if there is none. */
  section(key: string): EventReader {
    const value = this.#properties[key];
    return new EventReader(`${this.place}.${key}`, isProperties(value) ? value : {}, this.#resolve);
  }

  list(key: string): unknown[] | undefined {
    const value = this.#properties[key];
    if (value !== undefined && !Array.isArray(value)) throw this.error(`${key} must be a list`);
    return value;
  }

  /** What a reference stands for here: a name, an ARN or a URL. */
  reference(key: string): string {
    return this.resolve(this.#properties[key], key);
  }

  resolve(value: unknown, what: string): string {
    const resolved = this.#resolve(value);
    if (typeof resolved !== "string") throw this.error(`${what} does not resolve: ${JSON.stringify(value)}`);
    return resolved;
  }

  /** True if a destination or dead-letter queue may stand there. */
  has(key: string): boolean {
    return this.#properties[key] !== undefined;
  }

  /** What is not imitated is refused: to leave it out silently would teach that it works. */
  refuse(...keys: string[]): void {
    for (const key of keys) if (this.has(key)) throw this.error(`${key} is not imitated locally`);
  }

  error(message: string): ConfigurationError {
    return new ConfigurationError(`${this.place}: ${message}`);
  }
}
