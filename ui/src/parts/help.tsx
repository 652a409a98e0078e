import { useEffect, useRef, type ReactNode } from 'react';

const keys = [
  ['j / k', 'next / previous in a list'],
  ['Enter', 'open what has the focus'],
  ['a', 'approve (asks for a reason first)'],
  ['r', 'reject (needs a reason)'],
  ['u', 'back to the list'],
  ['/', 'search the audit'],
  ['1 to 8', 'the screens, as they stand in the bar'],
  ['?', 'this help'],
] as const;

export function Help({ onClose }: { readonly onClose: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <dl className="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
