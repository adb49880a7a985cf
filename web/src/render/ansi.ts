// SPDX-License-Identifier: BSD-3-Clause
// Text with ANSI colours as safe HTML: ansi_up escapes what is text.
import { AnsiUp } from "ansi_up";

/** One converter a text: colours go on over line ends. */
export function newConverter(): (text: string) => string {
  const converter = new AnsiUp();
  converter.use_classes = true;
  return (text) => converter.ansi_to_html(text);
}

export function hasEscapes(text: string): boolean {
  return text.includes("\u001b");
}

/** The text without its escape sequences. */
export function plain(text: string): string {
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g, "");
}
