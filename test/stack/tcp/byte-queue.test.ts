import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteQueue } from "../../../src/stack/tcp/byte-queue.ts";

it("a byte queue behaves like one array of bytes", () => {
  const operation = fc.oneof(
    fc.record({ append: fc.uint8Array({ maxLength: 20 }) }),
    fc.record({ drop: fc.nat(30) }),
    fc.record({ offset: fc.nat(30), count: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const queue = new ByteQueue();
      let model: number[] = [];
      for (const step of operations) {
        if ("append" in step) {
          queue.append(step.append);
          model.push(...step.append);
        } else if ("drop" in step) {
          queue.drop(step.drop);
          model = model.slice(step.drop);
        } else expect([...queue.peek(step.offset, step.count)]).toEqual(model.slice(step.offset, step.offset + step.count));
        expect(queue.length).toBe(model.length);
      }
      expect([...queue.takeAll()]).toEqual(model);
      expect(queue.length).toBe(0);
    }),
  );
});
