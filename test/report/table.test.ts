import { describe, expect, it } from "vitest";
import { labelled, wrap } from "../../src/report/labelled.ts";
import { PLAIN_STYLE } from "../../src/report/style.ts";
import { tableLines } from "../../src/report/table.ts";

describe("tableLines", () => {
  it("aligns columns and leaves no spaces at line ends", () => {
    expect(
      tableLines(
        [
          ["1", "a", "x"],
          ["20", "bbb", ""],
        ],
        { right: [0] },
      ),
    ).toEqual([" 1  a    x", "20  bbb"]);
  });

  it("lets the last cell of a short row reach over the columns it lacks", () => {
    expect(tableLines([["a", "b", "c"], ["a long remark"]])).toEqual(["a  b  c", "a long remark"]);
  });

  it("cuts cells off at their limit", () => {
    expect(tableLines([["abcdef", "x"]], { limits: { 0: 4 } })).toEqual(["abc…  x"]);
  });
});

describe("labelled", () => {
  it("wraps under the first letter of the text", () => {
    expect(labelled("Note", "one two three four five six seven eight nine", PLAIN_STYLE, 40)).toEqual([
      "Note      one two three four five six",
      "            seven eight nine",
    ]);
    expect(wrap("averyveryverylongwordthatdoesnotfit", 10)).toEqual(["averyveryverylongwordthatdoesnotfit"]);
  });
});
