import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hasDigits, pageNumber, telNumber, typedNumber } from "../../src/core/numbers.js";

test("a tel: address becomes + and digits", () => {
  for (const [href, wanted] of [
    ["tel:+39-02-1234.5678", "+390212345678"],
    ["TEL:+39%2002%201234%205678", "+390212345678"],
    ["tel:+390212345678;ext=12", "+390212345678"],
    ["tel:863-1234;phone-context=+1-914-555", "+19145558631234"],
    ["tel:+1-914;phone-context=+44", "+1914"],
    ["tel:201", "201"],
    ["tel:(02) 1234", "021234"],
    ["tel:+39 02\u00a01234", "+39021234"],
    ["tel:٠٢١٢٣٤٥٦٧٨", "0212345678"],
    ["tel:\uff0b\uff13\uff19021234", "+39021234"],
  ]) {
    assert.equal(telNumber(href), wanted, href);
  }
});

test("K03 codes, pauses, markup and other schemes are no page number", () => {
  for (const href of [
    "tel:*21*+390212345678%23",
    "tel:%2331%230212345678",
    "tel:0212345678,,1",
    "tel:0212345678p1",
    'tel:"><script>alert(1)</script>',
    "tel:%",
    "tel:",
    "tel:+",
    "tel:02+12345",
    "javascript:tel:0212345678",
    "mailto:0212345678@x.example",
    `tel:${"1".repeat(21)}`,
  ]) {
    assert.equal(telNumber(href), null, href);
  }
});

test("whatever the text, a page's number holds + and digits only", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const number of [pageNumber(text), telNumber(`tel:${text}`)]) {
        if (number !== null) assert.match(number, /^\+?[0-9]{2,20}$/);
      }
    }),
  );
});

test("E12 the dialpad keeps digits, *, # and +, and what a paste carries unseen goes", () => {
  assert.equal(typedNumber("\u202a+39 02\n1234\u202c"), "+39 02 1234");
  assert.equal(typedNumber("*72#"), "*72#");
  assert.equal(typedNumber("tel:+39021234"), "+39021234");
  assert.equal(typedNumber("٢٠١"), "201");
  assert.equal(hasDigits(" +-"), false);
  assert.equal(hasDigits("*9"), true);
});
