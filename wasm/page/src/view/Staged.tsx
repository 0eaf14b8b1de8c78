import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

/** Puts its parts on the page one after another, each in a task of its own: the first is seen at once, and none waits long. */
export function Staged({ parts }: { parts: (() => ComponentChildren)[] }) {
  const count = useSignal(1);
  useEffect(() => {
    if (count.value >= parts.length) return;
    const next = setTimeout(() => (count.value += 1));
    return () => clearTimeout(next);
  }, [count.value, parts.length]);
  return <>{parts.slice(0, count.value).map((part) => part())}</>;
}
