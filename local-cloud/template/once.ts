/**
 * Work that depends on nothing but one immutable thing (a template, a resource) and is done once for it: a swarm builds
 * hundreds of clouds from the same synthesis.
 */
export function onceFor<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const found = known.get(key) ?? { value: make(key) };
    known.set(key, found);
    return found.value;
  };
}
