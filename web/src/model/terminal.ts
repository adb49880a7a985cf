// SPDX-License-Identifier: BSD-3-Clause
// What a terminal does to a text: a carriage return goes back to the line's begin, a backspace one
// column back. Progress bars live on it.

function backspaces(line: string): string {
  let done = line;
  while (done.includes("\b")) {
    done = done.replace(/^\x08+/, "").replace(/[^\x08]\x08/g, "");
  }
  return done;
}

function overwrite(line: string): string {
  const parts = backspaces(line).split("\r");
  let shown = "";
  for (const part of parts) {
    shown = part.length >= shown.length ? part : part + shown.slice(part.length);
  }
  // where the line goes on, what comes next overwrites it
  return parts.length > 1 && parts.at(-1) === "" ? `${shown}\r` : shown;
}

/** `shown` with `chunk` printed after it. */
export function appendTerminal(shown: string, chunk: string): string {
  if (!/[\r\b]/.test(chunk) && !shown.endsWith("\r")) {
    return shown + chunk;
  }
  const begin = shown.lastIndexOf("\n") + 1;
  const tail = (shown.slice(begin) + chunk).replace(/\r+\n/g, "\n");
  return shown.slice(0, begin) + tail.split("\n").map(overwrite).join("\n");
}
