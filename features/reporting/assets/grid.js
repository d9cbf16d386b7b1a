// @ts-check
// Cells under the fingers: walking, blocks, copying, pasting, filling, undoing. What a figure means and where it is
// sent is not known here.

/** @typedef {HTMLInputElement | HTMLSelectElement} Control */
/** @typedef {{ key: string, td: HTMLTableCellElement, input: HTMLInputElement, choice: HTMLSelectElement | null,
 *   reason: HTMLInputElement | null, line: number, col: number, held: string }} Cell held: what stood there when it was left */
/** What a cell holds, as text: number, state, reason. @typedef {string} Content */
/** @typedef {{ typed: (cell: Cell) => void, left: (cell: Cell) => void, changed: (cells: Cell[]) => void, away: () => void,
 *   say: (key: string, args?: Record<string, string | number>) => void, pasting: (cells: string[]) => string[],
 *   misfit: (texts: string[]) => void }} Hooks */
/** Each cell with what it held before and after. @typedef {[Cell, Content, Content][]} Step */

/** So many steps can be taken back. */
const STEPS_MAX = 200;

/** @param {Cell} cell @returns {Content} */
export const content = (cell) => JSON.stringify([cell.input.value, cell.choice?.value ?? "value", cell.reason?.value ?? ""]);

/** @param {Cell} cell @param {Content} told */
export function fill(cell, told) {
  const [text, choice, reason] = JSON.parse(told);
  cell.input.value = text;
  if (cell.choice) cell.choice.value = choice;
  if (cell.reason) cell.reason.value = reason;
}

/** Tab-separated text as spreadsheets put it on the clipboard, with quotes. @param {string} text @returns {string[][]} */
export function parseBlock(text) {
  /** @type {string[][]} */
  const lines = [[]];
  const part = /"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*)/y;
  for (let at = 0; ; at++) {
    part.lastIndex = at;
    const found = part.exec(text);
    lines[lines.length - 1].push(found?.[1]?.replaceAll('""', '"') ?? found?.[2] ?? "");
    at = part.lastIndex;
    if (at >= text.length) break;
    if (text[at] === "\t") continue;
    if (text[at] === "\r" && text[at + 1] === "\n") at++;
    if (at + 1 >= text.length) break;
    lines.push([]);
  }
  return lines;
}

/** @param {string} text */
const quoted = (text) => (/["\t\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Cells in their places. @param {HTMLFormElement} form @returns {{ cells: Cell[], lines: Map<number, Cell>[], rows: HTMLTableRowElement[] }} */
export function survey(form) {
  const rows = /** @type {HTMLTableRowElement[]} */ ([...form.querySelectorAll("tbody tr")]);
  /** @type {Cell[]} */
  const cells = [];
  const lines = rows.map((row, line) => {
    const here = new Map();
    for (const td of row.cells) {
      const input = /** @type {HTMLInputElement | null} */ (td.querySelector('input[name^="c."]'));
      const key = td.dataset.cell;
      if (!key || !input) continue;
      const named = (/** @type {string} */ mark) => /** @type {any} */ (form.elements.namedItem(`${mark}.${key}`));
      const cell = { key, td, input, choice: named("s"), reason: named("r"), line, col: td.cellIndex, held: "" };
      cell.held = content(cell);
      if (td.querySelector("a[href]")) input.setAttribute("aria-keyshortcuts", "Shift+F2");
      here.set(cell.col, cell);
      cells.push(cell);
    }
    return here;
  });
  return { cells, lines, rows };
}

/** Gives a form its keys. @param {HTMLFormElement} form @param {ReturnType<typeof survey>} places @param {Hooks} hooks */
export function grid(form, { cells, lines, rows }, hooks) {
  const byControl = new Map(cells.flatMap((cell) => [cell.input, cell.choice, cell.reason].map((it) => [it, cell])));
  /** ready: the next key replaces; typing: arrows leave; edit: arrows move within. @type {"ready" | "typing" | "edit"} */
  let mode = "ready";
  /** @type {{ anchor: Cell, head: Cell } | null} */
  let block = null;
  /** Where Tab began, to which Enter comes back. @type {number | null} */
  let start = null;
  const steps = { undo: /** @type {Step[]} */ ([]), redo: /** @type {Step[]} */ ([]) };

  const cellOf = (/** @type {EventTarget | null} */ target) => byControl.get(/** @type {any} */ (target));
  const active = () => cells.find((cell) => cell.input === document.activeElement);
  const open = (/** @type {Cell} */ cell) => !cell.input.disabled && !cell.input.readOnly;
  const filled = (/** @type {Cell | undefined} */ cell) => Boolean(cell && content(cell) !== '["","value",""]');

  /** @param {Cell} one @param {Cell} other @returns {Cell[][]} the cells between two corners, line by line */
  function between(one, other) {
    const [top, bottom] = [Math.min(one.line, other.line), Math.max(one.line, other.line)];
    const [left, right] = [Math.min(one.col, other.col), Math.max(one.col, other.col)];
    return lines.slice(top, bottom + 1).map((line) => [...line.values()].filter((cell) => cell.col >= left && cell.col <= right));
  }

  /** @param {Cell} here @returns {Cell[][]} */
  const chosen = (here) => (block ? between(block.anchor, block.head) : [[here]]);

  /** @param {Cell | null} anchor @param {Cell} [head] */
  function mark(anchor, head) {
    if (block) for (const cell of chosen(block.anchor).flat()) cell.td.classList.remove("cell--block");
    block = anchor && head && anchor !== head ? { anchor, head } : null;
    if (!block) return;
    const all = chosen(block.anchor);
    for (const cell of all.flat()) cell.td.classList.add("cell--block");
    hooks.say("selected", { rows: all.filter((line) => line.length).length, columns: Math.max(...all.map((line) => line.length)) });
  }

  /** @param {Cell | undefined} cell */
  function go(cell) {
    if (!cell) return;
    mark(null);
    if (document.activeElement !== cell.input) cell.input.focus();
    cell.input.select();
    mode = "ready";
    cell.td.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** The next cell that way. @param {Cell} from @param {number} down @param {number} right @returns {Cell | undefined} */
  function next(from, down, right) {
    if (right) {
      const line = [...lines[from.line].values()];
      return line[line.indexOf(from) + right];
    }
    for (let at = from.line + down; lines[at]; at += down) {
      const there = lines[at].get(from.col);
      if (there) return there;
    }
    return undefined;
  }

  /** To the edge of what is filled, or of what is empty. @param {Cell} from @param {number} down @param {number} right */
  function edge(from, down, right) {
    let here = next(from, down, right);
    if (!here) return undefined;
    const run = filled(from) && filled(here);
    for (let there = next(here, down, right); there; there = next(here, down, right)) {
      if (run ? !filled(there) : filled(here)) break;
      here = there;
    }
    return here;
  }

  /** What was typed becomes a step. @param {Cell} cell */
  function leave(cell) {
    if (content(cell) === cell.held) return;
    hooks.left(cell);
    record([[cell, cell.held, content(cell)]]);
  }

  /** @param {Step} step */
  function record(step) {
    step = step.filter(([, before, after]) => before !== after);
    if (!step.length) return;
    for (const [cell, , after] of step) cell.held = after;
    steps.undo.push(step);
    steps.redo = [];
    if (steps.undo.length > STEPS_MAX) steps.undo.shift();
    hooks.changed(step.map(([cell]) => cell));
  }

  /** Puts texts into cells as one step. @param {[Cell, string][]} wanted */
  function write(wanted) {
    /** @type {Step} */
    const step = [];
    for (const [cell, text] of wanted) {
      const before = cell.held;
      fill(cell, JSON.stringify([text, "value", ""]));
      hooks.left(cell);
      step.push([cell, before, content(cell)]);
    }
    record(step);
  }

  /** @param {"undo" | "redo"} from @param {"undo" | "redo"} to */
  function turn(from, to) {
    const step = steps[from].pop();
    if (!step) return;
    steps[to].push(step);
    for (const [cell, before, after] of step) {
      fill(cell, from === "undo" ? before : after);
      cell.held = content(cell);
    }
    hooks.changed(step.map(([cell]) => cell));
    go(step[0][0]);
    hooks.say(from, { count: step.length });
  }

  /** From the first line or column of the block into the others. @param {Cell} here @param {boolean} down */
  function spread(here, down) {
    const all = chosen(here).flat();
    const from = (/** @type {Cell} */ cell) => {
      if (!block) return next(cell, down ? -1 : 0, down ? 0 : -1);
      const [top, left] = [Math.min(...all.map((one) => one.line)), Math.min(...all.map((one) => one.col))];
      return down ? lines[top].get(cell.col) : lines[cell.line].get(left);
    };
    const pairs = all.flatMap((cell) => {
      const source = from(cell);
      return source && source !== cell && open(cell) ? [/** @type {[Cell, Cell]} */ ([cell, source])] : [];
    });
    const step = /** @type {Step} */ (pairs.map(([cell, source]) => [cell, cell.held, source.held]));
    for (const [cell, , after] of step) fill(cell, after);
    record(step.map(([cell, before]) => [cell, before, content(cell)]));
  }

  /** @param {Cell} here @param {string[][]} texts */
  function paste(here, texts) {
    const area = chosen(here);
    const single = texts.length === 1 && texts[0].length === 1;
    const plain = hooks.pasting(texts.flat().map((text) => text.replace(/\s*[\r\n]+\s*/g, " ⏎ ").trim()));
    const width = texts.map((line) => line.length);
    /** @type {[Cell, string][]} */
    const wanted = [];
    /** @type {string[]} */
    const lost = [];
    if (single && block) wanted.push(...area.flat().filter(open).map((cell) => /** @type {[Cell, string]} */ ([cell, plain[0]])));
    else {
      const all = area.flat();
      const [top, left] = [Math.min(...all.map((one) => one.line)), Math.min(...all.map((one) => one.col))];
      let at = 0;
      texts.forEach((line, down) => {
        for (let right = 0; right < width[down]; right++, at++) {
          // Never into the next table: a block belongs to the one it was pasted into.
          const same = rows[top + down]?.closest("table") === here.td.closest("table");
          const cell = same ? lines[top + down].get(left + right) : undefined;
          if (cell && open(cell)) wanted.push([cell, plain[at]]);
          else if (plain[at]) lost.push(line[right]);
        }
      });
    }
    write(wanted);
    mark(wanted[0]?.[0] ?? null, wanted.at(-1)?.[0]);
    hooks.say("pasted", { count: wanted.length });
    hooks.misfit(lost);
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    const here = active();
    // Vietnamese input methods compose: their keys are not ours.
    if (!here || event.isComposing || event.altKey) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const inside = mode === "edit";
    const letter = ctrl ? event.key.toLowerCase() : "";
    const ways = /** @type {Record<string, [number, number]>} */ ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] });
    const way = ways[event.key];
    if (way && !(inside && way[1])) {
      const from = event.shiftKey && block ? block.head : here;
      const to = ctrl ? edge(from, ...way) : next(from, ...way);
      start = null;
      if (event.shiftKey && to) {
        leave(here);
        mark(block?.anchor ?? here, to);
      } else if (!event.shiftKey) to ? go(to) : mark(null);
    } else if ((event.key === "Home" || event.key === "End") && !inside) {
      const line = ctrl ? cells : [...lines[here.line].values()];
      const to = event.key === "Home" ? line[0] : line[line.length - 1];
      event.shiftKey ? mark(block?.anchor ?? here, to) : go(to);
    } else if (event.key === "Enter") {
      const sideways = !event.shiftKey && start !== null ? lines[here.line + 1]?.get(start) : undefined;
      start = null;
      const to = sideways ?? next(here, event.shiftKey ? -1 : 1, 0);
      to ? go(to) : (leave(here), here.input.select(), (mode = "ready"));
    } else if (event.key === "Tab" && !ctrl) {
      const at = cells.indexOf(here) + (event.shiftKey ? -1 : 1);
      // Choice and reason of the cell itself come first, and from the last cell one gets out.
      const own = [...here.td.querySelectorAll("select, input:not([type=hidden]), button, summary")];
      const behind = own.slice(own.indexOf(here.input) + 1).some((it) => it.getClientRects().length > 0);
      if (!cells[at] || (behind && !event.shiftKey)) return;
      start ??= here.col;
      go(cells[at]);
    } else if (event.key === "F2" && event.shiftKey) {
      // As spreadsheets open a comment: what is known about the cell. Tab walks from figure to figure.
      /** @type {HTMLElement | null} */ (here.td.querySelector("a[href]"))?.click();
    } else if (event.key === "F2") {
      mode = "edit";
      here.input.setSelectionRange(here.input.value.length, here.input.value.length);
    } else if (event.key === "Escape") {
      if (content(here) === here.held) mark(null);
      else {
        fill(here, here.held);
        hooks.typed(here);
      }
      here.input.select();
      mode = "ready";
    } else if (event.key === "Delete" && mode === "ready") {
      write(chosen(here).flat().filter(open).map((cell) => [cell, ""]));
    } else if (letter === "z" && !event.shiftKey) {
      if (content(here) === here.held) turn("undo", "redo");
      else {
        fill(here, here.held);
        hooks.typed(here);
        go(here);
      }
    } else if (letter === "y" || (letter === "z" && event.shiftKey)) turn("redo", "undo");
    else if (letter === "d" || letter === "r") {
      leave(here);
      spread(here, letter === "d");
    } else return;
    event.preventDefault();
  }

  form.addEventListener("keydown", key);
  form.addEventListener("input", (event) => {
    const cell = cellOf(event.target);
    if (!cell) return;
    if (cell.input === event.target && mode === "ready") mode = "typing";
    if (cell.input === event.target && cell.choice && cell.input.value) cell.choice.value = "value";
    mark(null);
    hooks.typed(cell);
  });
  form.addEventListener("focusin", (event) => {
    const cell = cellOf(event.target);
    if (cell?.input !== event.target || !cell) return;
    mark(null);
    mode = "ready";
    cell.input.select();
  });
  form.addEventListener("focusout", (event) => {
    const cell = cellOf(event.target);
    if (cell) leave(cell);
    if (!form.contains(/** @type {Node | null} */ (event.relatedTarget))) hooks.away();
  });
  form.addEventListener("mousedown", (event) => {
    const td = event.target instanceof Element ? event.target.closest("td") : null;
    const cell = cells.find((one) => one.td === td);
    const here = active();
    if (!cell || event.button !== 0 || !(event.target === cell.input || event.target === td)) return;
    start = null;
    if (event.shiftKey && here) {
      event.preventDefault();
      leave(here);
      mark(here, cell);
    } else if (here === cell) {
      mode = "edit";
      mark(null);
    } else {
      // A first press chooses the whole figure; the second one sets the caret.
      event.preventDefault();
      go(cell);
    }
  });
  form.addEventListener("mouseover", (event) => {
    const here = active();
    const td = event.target instanceof Element ? event.target.closest("td") : null;
    const cell = cells.find((one) => one.td === td);
    if (event.buttons !== 1 || !here || !cell || mode === "edit" || (cell === here && !block)) return;
    leave(here);
    mark(here, cell);
  });
  for (const kind of /** @type {const} */ (["copy", "cut"])) {
    form.addEventListener(kind, (event) => {
      const here = active();
      if (!here || (mode !== "ready" && !block)) return;
      const all = chosen(here);
      event.clipboardData?.setData("text/plain", all.map((line) => line.map((cell) => quoted(cell.input.value)).join("\t")).join("\n"));
      event.preventDefault();
      if (kind === "cut") write(all.flat().filter(open).map((cell) => [cell, ""]));
    });
  }
  form.addEventListener("paste", (event) => {
    const here = active();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!here || !text || (mode !== "ready" && !/[\t\n]/.test(text.trimEnd()))) return;
    event.preventDefault();
    leave(here);
    paste(here, parseBlock(text));
  });
  return { active };
}
