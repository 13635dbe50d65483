/**
 * The median, by Hoare's selection: each pass parts the values around one of them and goes on with the side that holds the
 * middle. A canary asks twice in every round, and sorting its window costs it six times as much.
 */

/** The upper one of two; null where there are none. Puts `values` in another order. */
export function medianOf(values: number[]): number | null {
  const middle = values.length >> 1;
  let from = 0;
  let to = values.length - 1;
  while (from < to) {
    const between = values[(from + to) >> 1]!;
    let low = from;
    let high = to;
    while (low <= high) {
      while (values[low]! < between) low++;
      while (values[high]! > between) high--;
      if (low > high) break;
      const lower = values[high]!;
      values[high--] = values[low]!;
      values[low++] = lower;
    }
    // What lies between the two is equal to `between`.
    if (middle <= high) to = high;
    else if (middle >= low) from = low;
    else break;
  }
  return values[middle] ?? null;
}
