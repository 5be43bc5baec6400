import { type PermittedCall, permissionsOf } from "./permissions.ts";

/** A permission that a function has made use of, with all that its calls had in a condition key. */
export interface UsedPermission {
  /** Key in serverless.yml. */
  function: string;
  action: string;
  /** ARN. */
  resource: string;
  /** Condition key -> every value that was seen. */
  context: Readonly<Record<string, readonly string[]>>;
}

export interface UsedPermissionsList {
  permissions: UsedPermission[];
  /** False when there were more than are kept. */
  complete: boolean;
}

/** Objects are resources too, and a system that runs for days sees ever new ones. */
const MOST_PERMISSIONS = 50_000;

interface Kept extends Omit<UsedPermission, "context"> {
  context: Map<string, Set<string>>;
}

/** Which permissions the functions have used since the start: each once, however often it was. */
export class UsedPermissions {
  readonly #region: string;
  readonly #most: number;
  readonly #kept = new Map<string, Kept>();
  #complete = true;

  /**
   * @param region of the resources
   * @param most how many are kept
   */
  constructor(region: string, most = MOST_PERMISSIONS) {
    this.#region = region;
    this.#most = most;
  }

  /** Takes a call in that has been answered; one of no function needs no role. */
  add(call: PermittedCall & { function?: string | undefined }): void {
    if (call.function === undefined) return;
    for (const { action, resource, context = {} } of permissionsOf(call, this.#region)) {
      const kept = this.#keep(call.function, action, resource);
      for (const [key, values] of Object.entries(context)) {
        const seen = kept?.context.get(key) ?? new Set();
        for (const value of values) seen.add(value);
        kept?.context.set(key, seen);
      }
    }
  }

  #keep(functionKey: string, action: string, resource: string): Kept | undefined {
    const id = `${functionKey} ${action} ${resource}`;
    const known = this.#kept.get(id);
    if (known) return known;
    if (this.#kept.size >= this.#most) {
      this.#complete = false;
      return undefined;
    }
    const kept = { function: functionKey, action, resource, context: new Map() };
    this.#kept.set(id, kept);
    return kept;
  }

  list(): UsedPermissionsList {
    const permissions = [...this.#kept.values()].map(({ context, ...rest }) => ({
      ...rest,
      context: Object.fromEntries([...context].map(([key, values]) => [key, [...values]])),
    }));
    return { permissions, complete: this.#complete };
  }
}
