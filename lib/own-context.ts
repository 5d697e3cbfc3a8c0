/**
 * Makes the context object of one handler call. It inherits from the given one, which is never
 * written to: two requests may share that one (a batch under `Promise.all`), and the commit of one
 * would then go under the key of the other.
 *
 *     A: context.idempotency = a, its handler waits
 *     B: context.idempotency = b
 *     A: context.idempotency.commit(…)          recorded under B's key
 *
 * The given object's own members are there as own members too, so that `{ ...context }`,
 * `Object.keys` and `JSON.stringify` give what they gave before. Accessors go on to the given
 * object (Lambda's `callbackWaitsForEmptyEventLoop` is one). Where the given object is an instance
 * of a class, methods and accessors run on that instance, because they may need private members.
 */
export function ownContext<Context extends object>(given: Context | null | undefined): Context {
  const context = (given ?? {}) as Context;
  // Without a prototype, so that no member of a context can be taken for the map's own.
  const members: PropertyDescriptorMap = Object.create(null);
  const classes = classPrototypes(context);
  for (const prototype of classes.toReversed()) addForwarded(members, prototype, context, true);
  addForwarded(members, context, context, classes.length > 0);
  const own = Object.create(context, members) as Context;
  made.add(own);
  return own;
}

/** Adds members to a context made by `ownContext`, also where it inherits others under their names. */
export function addMembers<Context extends object, Members extends object>(
  context: Context,
  members: Members,
): Context & Readonly<Members> {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(context, name, { ...OPEN, enumerable: true, value });
  }
  return context as Context & Readonly<Members>;
}

/** Handlers and middlewares may write to their own context, also where the given one is frozen. */
const OPEN = { configurable: true, writable: true };

/** Contexts made here have all members as their own: none needs to be looked for in a class. */
const made = new WeakSet<object>();

/** The prototypes of the classes that a context is an instance of, nearest first. */
function classPrototypes(context: object): readonly object[] {
  const prototypes: object[] = [];
  if (made.has(context)) return prototypes;
  let prototype = Object.getPrototypeOf(context);
  while (prototype !== null && !endsTheChain(prototype)) {
    prototypes.push(prototype);
    prototype = Object.getPrototypeOf(prototype);
  }
  return prototypes;
}

/** Every realm has an `Object.prototype` of its own. */
function endsTheChain(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

function addForwarded(
  members: PropertyDescriptorMap,
  holder: object,
  target: object,
  isBound: boolean,
): void {
  for (const name of Reflect.ownKeys(holder)) {
    const member = Reflect.getOwnPropertyDescriptor(holder, name);
    if (member === undefined || name === "constructor") continue;
    members[name as string] = forwarded(member, name, target, isBound);
  }
}

function forwarded(
  { enumerable = false, value, get, set }: PropertyDescriptor,
  name: PropertyKey,
  target: object,
  isBound: boolean,
): PropertyDescriptor {
  if (get === undefined && set === undefined) {
    const bound = isBound && typeof value === "function" ? value.bind(target) : value;
    return { ...OPEN, enumerable, value: bound };
  }
  return {
    configurable: true,
    enumerable,
    ...(get && { get: () => Reflect.get(target, name) }),
    ...(set && { set: (changed: unknown) => void Reflect.set(target, name, changed) }),
  };
}
