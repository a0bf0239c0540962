/**
 * An element of index.html by its id.
 *
 * @throws {TypeError} where index.html has none of that kind: a mistake of ours, not of a person.
 */
export function element<E extends Element = HTMLElement>(id: string, kind?: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof (kind ?? HTMLElement))) throw new TypeError(`index.html has no such element: #${id}`);
  return found as Element as E;
}
