// SPDX-License-Identifier: BSD-3-Clause
// An HTML output in a frame of an opaque origin. It is told its content and tells its height.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isJson } from "../../protocol/guards.ts";
import { useSelect } from "../context.ts";

const MOST = 2000;
/** Heights seen before, so that a frame that comes back does not jump. */
const heights = new Map<string, number>();

function heightOf(message: unknown): number | undefined {
  const height = isJson(message) ? message["celldapHeight"] : undefined;
  return typeof height === "number" ? Math.min(Math.max(Math.ceil(height), 8), MOST) : undefined;
}

/** HTML that may do what it wants, in a place where it can do nothing. */
export function Sandbox({ html }: { readonly html: string }): JSX.Element {
  const frame = useRef<HTMLIFrameElement>(null);
  const dark = useSelect((state) => state.ui.theme === "dark");
  const latest = useRef({ html, dark });
  latest.current = { html, dark };
  useEffect(() => {
    const listen = (event: MessageEvent<unknown>): void => {
      const own = frame.current;
      if (own?.contentWindow == null || event.source !== own.contentWindow) {
        return;
      }
      const height = heightOf(event.data);
      if (height !== undefined) {
        heights.set(latest.current.html, height);
        own.style.height = `${height}px`;
      } else if (isJson(event.data) && event.data["celldapReady"] === true) {
        own.contentWindow.postMessage(latest.current, "*");
      }
    };
    window.addEventListener("message", listen);
    return () => window.removeEventListener("message", listen);
  }, []);
  useEffect(() => {
    frame.current?.contentWindow?.postMessage({ html, dark }, "*");
  }, [html, dark]);
  return (
    <iframe
      ref={frame}
      class="sandbox"
      title="HTML output"
      src="./sandbox.html"
      sandbox="allow-scripts"
      style={{ height: heights.get(html) ?? 60 }}
    />
  );
}
