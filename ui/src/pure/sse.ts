/** What is left of a stream's text after the events that are whole, and their names (WHATWG HTML §9.2). */
export function eventsIn(text: string): { readonly names: readonly string[]; readonly rest: string } {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  const names = blocks.flatMap((block) => {
    const line = block.split('\n').find((each) => each.startsWith('event:'));
    return line === undefined ? [] : [line.slice('event:'.length).trim()];
  });
  return { names, rest };
}
