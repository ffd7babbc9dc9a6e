using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Tests.Protocol;

public sealed class RespFrameScannerTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Good => [.. ReplyCorpus.Good.Select(reply => (reply.Bytes, reply.Words))];

    public static TheoryData<string, string> Bad => [.. ReplyCorpus.Bad.Select(reply => (reply.Bytes, reply.Why))];

    [Theory]
    [MemberData(nameof(Good))]
    public void Scan_ReplyInEveryPairOfCuts_SameParse(string text, string words)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
            {
                var scanner = default(RespFrameScanner);
                foreach (var cut in (int[])[first, second])
                {
                    if (cut < bytes.Length)
                        Assert.Equal(RespScan.Incomplete, scanner.Scan(bytes.AsSpan(0, cut), out _));
                }

                Assert.Equal(RespScan.Complete, scanner.Scan(bytes, out var length));
                Assert.Equal(bytes.Length, length);
            }
        }

        Assert.Equal(words, ReplyCorpus.Describe(ReplyCorpus.Parse(bytes)));
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void Scan_BytesOfNextReplyBehind_EndsWhereTheFirstEnds(string text, string words)
    {
        var bytes = Encoding.Latin1.GetBytes(text + "+next\r\n");
        var scanner = default(RespFrameScanner);
        Assert.Equal(RespScan.Complete, scanner.Scan(bytes, out var length));
        Assert.Equal(text.Length, length);
        Assert.Equal(words, ReplyCorpus.Describe(ReplyCorpus.Parse(bytes.AsSpan(0, length))));
        scanner.Reset();
        Assert.Equal(RespScan.Complete, scanner.Scan(bytes.AsSpan(length), out length));
        Assert.Equal(7, length);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void Scan_Malformed_SaysWhyHoweverCut(string text, string why)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var scanner = default(RespFrameScanner);
            if (scanner.Scan(bytes.AsSpan(0, cut), out _) == RespScan.Incomplete)
                Assert.Equal(RespScan.Malformed, scanner.Scan(bytes, out _));
            Assert.Contains(why, scanner.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Scan_NestedToTheLimitAndBeyond_CompleteThenMalformed()
    {
        var deepest = string.Concat(Enumerable.Repeat("*1\r\n", RespLimits.DepthMost)) + ":1\r\n";
        var scanner = default(RespFrameScanner);
        Assert.Equal(RespScan.Complete, scanner.Scan(Encoding.ASCII.GetBytes(deepest), out _));
        Assert.Equal(RedisReplyKind.Array, ReplyCorpus.Parse(Encoding.ASCII.GetBytes(deepest)).Kind);

        scanner.Reset();
        Assert.Equal(RespScan.Malformed, scanner.Scan(Encoding.ASCII.GetBytes("*1\r\n" + deepest), out _));
        Assert.Contains("nests deeper", scanner.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_LineWithoutEnd_MalformedAtTheLimit()
    {
        var endless = new byte[RespLimits.LineMostBytes + 2];
        endless.AsSpan().Fill((byte)'+');
        var scanner = default(RespFrameScanner);
        Assert.Equal(RespScan.Incomplete, scanner.Scan(endless.AsSpan(0, RespLimits.LineMostBytes), out _));
        Assert.Equal(RespScan.Malformed, scanner.Scan(endless, out _));
    }

    [Fact]
    public void Scan_HugeCountWithoutElements_WaitsAndAllocatesNothing()
    {
        var bytes = "*2147483647\r\n"u8.ToArray();
        var scanner = default(RespFrameScanner);
        scanner.Scan(bytes, out _);
        scanner.Reset();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var scan = scanner.Scan(bytes, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(RespScan.Incomplete, scan);
    }

    [Fact]
    public void Scan_BodyOfAString_TellsHowManyBytesItNeeds()
    {
        var scanner = default(RespFrameScanner);
        Assert.Equal(RespScan.Incomplete, scanner.Scan("$1000\r\nabc"u8, out _));
        Assert.Equal(7 + 1000 + 2, scanner.NeededBytes);
    }

    [Fact]
    public void Scan_GeneratedRepliesCutAnywhere_SameAsWhole()
    {
        var inputs =
            from reply in Gen.Sized(size => Reply(Math.Min(size, 5)))
            from cuts in Gen.ListOf(Gen.Choose(0, Math.Max(reply.Length, 1)))
            select (reply, cuts);
        Property.Check(output, inputs, input =>
        {
            var bytes = Encoding.Latin1.GetBytes(input.reply);
            var scanner = default(RespFrameScanner);
            foreach (var cut in input.cuts.Order().Where(cut => cut < bytes.Length))
            {
                if (scanner.Scan(bytes.AsSpan(0, cut), out _) != RespScan.Incomplete)
                    return false;
            }

            return scanner.Scan(bytes, out var length) == RespScan.Complete && length == bytes.Length
                && ReplyCorpus.Describe(ReplyCorpus.Parse(bytes)).Length > 0;
        }, runs: 2000);
    }

    [Fact]
    public void Scan_BytesFlippedInsertedOrRemoved_EndsTypedAndWhatIsCompleteParses()
    {
        var inputs =
            from which in Gen.Choose(0, ReplyCorpus.Good.Length - 1)
            from other in Gen.Choose(0, ReplyCorpus.Good.Length - 1)
            from changes in Gen.NonEmptyListOf(Gen.Zip(Gen.Choose(0, 60), Gen.Choose(0, 255)))
            from kind in Gen.Choose(0, 2)
            select (which, other, changes, kind);
        Property.Check(output, inputs, input =>
        {
            var bytes = Encoding.Latin1.GetBytes(ReplyCorpus.Good[input.which].Bytes + ReplyCorpus.Good[input.other].Bytes).ToList();
            foreach (var (at, value) in input.changes)
            {
                // A byte of the protocol's own finds more than any other.
                var changed = value < 128 ? (byte)"*$%~>|+-:,(!=_#0123456789\r\n"[value % 27] : (byte)value;
                var index = at % bytes.Count;
                if (input.kind == 0)
                    bytes[index] = changed;
                else if (input.kind == 1)
                    bytes.Insert(index, changed);
                else if (bytes.Count > 1)
                    bytes.RemoveAt(index);
            }

            var rest = bytes.ToArray().AsSpan();
            var scanner = default(RespFrameScanner);
            while (scanner.Scan(rest, out var length) == RespScan.Complete)
            {
                ReplyCorpus.Parse(rest[..length]);
                rest = rest[length..];
                scanner.Reset();
            }

            return true;
        }, runs: 20000);
    }

    static Gen<string> Reply(int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Choose(int.MinValue, int.MaxValue).Select(number => string.Create(CultureInfo.InvariantCulture, $":{number}\r\n")),
            Gen.Choose(0, 300).Select(length => string.Create(CultureInfo.InvariantCulture, $"${length}\r\n{new string('\n', length)}\r\n")),
            Gen.Elements(ReplyCorpus.Good.Select(reply => reply.Bytes).Where(bytes => bytes[0] is not '>' and not '|')));
        if (depth == 0)
            return leaf;

        var aggregate =
            from type in Gen.Elements('*', '~', '%', '|')
            from count in Gen.Choose(0, 4)
            from items in Gen.ArrayOf(Reply(depth - 1), count * (type is '%' or '|' ? 2 : 1))
            from behind in Reply(depth - 1)
            select string.Create(CultureInfo.InvariantCulture, $"{type}{count}\r\n{string.Concat(items)}{(type == '|' ? behind : "")}");
        return Gen.OneOf(leaf, aggregate);
    }
}
