/**
 * Reads the HdrHistogram V2 compressed encoding: a big-endian envelope around a zlib stream that holds a header and the
 * counts, zigzag LEB128, where a negative number stands for that many empty buckets.
 */
export interface Histogram {
  readonly totalCount: number;
  /** Filled buckets in ascending order: the highest value a bucket stands for, and how many values up to and including it. */
  readonly highestValues: Float64Array;
  readonly cumulativeCounts: Float64Array;
}

const CompressedCookie = 0x1c849304;
const EncodingCookie = 0x1c849303;
/** The word-size nibble carries no meaning in V2; writers set it to 0x10. */
const CookieMask = 0xffffff0f;
const HeaderBytes = 40;

export async function decodeHistogram(base64: string): Promise<Histogram> {
  const envelope = bytesOf(base64);
  const outer = new DataView(envelope.buffer);
  if (envelope.length < 8 || (outer.getUint32(0) & CookieMask) >>> 0 !== CompressedCookie) throw new Error("not an HdrHistogram V2 compressed payload");
  const length = outer.getInt32(4);
  if (length < 0 || length > envelope.length - 8) throw new Error("HdrHistogram payload is truncated");

  const bytes = await inflate(envelope.subarray(8, 8 + length));
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HeaderBytes || (header.getUint32(0) & CookieMask) >>> 0 !== EncodingCookie) throw new Error("not an HdrHistogram V2 payload");

  const payloadBytes = header.getInt32(4);
  const buckets = new BucketLayout(Number(header.getBigInt64(16)), header.getInt32(12));
  return readCounts(bytes.subarray(HeaderBytes, HeaderBytes + payloadBytes), buckets);
}

/** The value at a percentile (0 to 1), or null when the histogram is too small to have one there. */
export function valueAt(histogram: Histogram, percentile: number): number | null {
  const { cumulativeCounts, highestValues, totalCount } = histogram;
  if (totalCount === 0) return null;
  const rank = Math.max(1, Math.ceil(percentile * totalCount - 1e-9));
  let low = 0;
  let high = cumulativeCounts.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulativeCounts[middle] ?? 0) >= rank) high = middle;
    else low = middle + 1;
  }
  return highestValues[low] ?? null;
}

/** How a bucket's index maps to values: 2^n linear sub-buckets, each following bucket twice as wide. */
class BucketLayout {
  private readonly unitMagnitude: number;
  private readonly halfMagnitude: number;

  constructor(lowestDiscernible: number, significantDigits: number) {
    this.unitMagnitude = Math.floor(Math.log2(Math.max(1, lowestDiscernible)));
    this.halfMagnitude = Math.max(1, Math.ceil(Math.log2(2 * 10 ** significantDigits))) - 1;
  }

  highestValue(index: number): number {
    const half = 2 ** this.halfMagnitude;
    let bucket = Math.floor(index / half) - 1;
    let subBucket = (index % half) + half;
    if (bucket < 0) {
      bucket = 0;
      subBucket -= half;
    }
    // Multiplication, not shifts: an hour in nanoseconds does not fit 32 bits.
    const width = 2 ** (bucket + this.unitMagnitude);
    return subBucket * width + width - 1;
  }
}

function readCounts(payload: Uint8Array, buckets: BucketLayout): Histogram {
  const values: number[] = [];
  const cumulative: number[] = [];
  let total = 0;
  let index = 0;
  let offset = 0;
  while (offset < payload.length) {
    const [count, next] = readZigZag(payload, offset);
    offset = next;
    if (count < 0) {
      index -= count;
      continue;
    }
    if (count > 0) {
      total += count;
      values.push(buckets.highestValue(index));
      cumulative.push(total);
    }
    index++;
  }
  return { totalCount: total, highestValues: Float64Array.from(values), cumulativeCounts: Float64Array.from(cumulative) };
}

/** HdrHistogram's LEB128 uses at most nine bytes; the ninth carries eight bits. */
function readZigZag(bytes: Uint8Array, offset: number): [value: number, next: number] {
  let raw = 0n;
  for (let i = 0; ; i++) {
    const byte = bytes[offset++];
    if (byte === undefined) throw new Error("HdrHistogram counts are truncated");
    if (i === 8) {
      raw |= BigInt(byte) << 56n;
      break;
    }
    raw |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if ((byte & 0x80) === 0) break;
  }
  return [Number(BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n))), offset];
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

async function inflate(zlib: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([zlib]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
