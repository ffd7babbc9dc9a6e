using System.Diagnostics;
using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

/// <summary>
/// Mutated responses against the reader: it neither throws nor hangs, never takes more than it was given, comes to the same end however the bytes are cut, and
/// finds the boundaries and the body that <see cref="ReferenceResponse"/> finds.
/// </summary>
public sealed class ResponseFuzzTests
{
    private const int CaptureBytesMax = 1 << 20;

    private readonly ResponseReader _whole = new();

    // The second reader shares what it remembers of heads with a third, as the connections of a worker do.
    private readonly ResponseReader _pieces;
    private readonly ResponseReader _neighbour;

    private static readonly RequestImage AnyGet = new() { Bytes = ReadOnlyMemory<byte>.Empty, OriginIndex = 0, Row = 0 };

    private int _neighbourReads;

    private sealed record Outcome(ReadState State, WireError Error, int Status, int EndsAt, long BodyBytes, long Events, CacheOutcome Cache, bool KeepAlive);

    private readonly ITestOutputHelper _output;

    public ResponseFuzzTests(ITestOutputHelper output)
    {
        _output = output;
        var memo = new HeadMemo();
        _pieces = new ResponseReader(memo);
        _neighbour = new ResponseReader(memo);
    }

    [Fact]
    public void Feed_Corpus_ReadsAsTheReferenceHoweverItIsCut()
    {
        foreach (var (name, bytes) in ResponseCorpus.All)
        {
            for (var pieceBytes = 1; pieceBytes <= bytes.Length; pieceBytes++)
            {
                foreach (var isHead in new[] { false, true })
                {
                    var problem = Compare(bytes, isHead, eventsMax: 0, () => pieceBytes);
                    Assert.True(problem is null, $"{name} in pieces of {pieceBytes}: {problem}");
                }
            }
        }
    }

    [Fact]
    public void Feed_MutatedResponses_AgreeWithTheReference() => Fuzz(20_000);

    [Fact]
    [Trait("Category", "Slow")]
    public void Feed_TenMillionMutatedResponses_AgreeWithTheReference() => Fuzz(ResponseMutator.Count(10_000_000));

    private void Fuzz(int count)
    {
        var seed = Seed.Printed(_output);
        var mutator = new ResponseMutator(seed);
        var random = mutator.Random;
        var complete = 0;
        var watch = Stopwatch.StartNew();
        for (var run = 0; run < count; run++)
        {
            var bytes = mutator.Next().ToArray();
            var isHead = random.Next(16) == 0;
            var eventsMax = random.Next(8) == 0 ? random.Next(1, 4) : 0;
            var longest = 1 << random.Next(1, 9);
            var problem = Compare(bytes, isHead, eventsMax, () => random.Next(1, longest + 1));
            Assert.True(problem is null, $"HEADROOM_TEST_SEED={seed}, response {run}: {problem}\n{Show(bytes)}");
            complete += _lastWasComplete ? 1 : 0;
        }

        _output.WriteLine($"{count} responses, {complete} of them complete, in {watch.Elapsed.TotalSeconds:0.0} s");

        // A mutator that breaks everything, or nothing, would test little.
        Assert.InRange(complete, count / 5, count * 9 / 10);
    }

    private bool _lastWasComplete;

    private string? Compare(byte[] bytes, bool isHead, int eventsMax, Func<int> pieceBytes)
    {
        var request = new RequestImage { Bytes = ReadOnlyMemory<byte>.Empty, OriginIndex = 0, Row = 0, IsHead = isHead, Capture = Capture.Body, EventsMax = eventsMax };
        if (!TryRead(_whole, request, bytes, () => bytes.Length, null, out var whole, out var problem) || !TryRead(_pieces, request, bytes, pieceBytes, ReadNeighbour, out var pieces, out problem))
            return problem;
        if (whole != pieces)
            return $"in one piece {whole}, in several {pieces}";
        _lastWasComplete = whole.State == ReadState.Done;
        if (whole.State == ReadState.Done && eventsMax > 0 && whole.Events == eventsMax)
            return null;
        var expected = ReferenceResponse.Read(bytes, isHead);
        if (expected is null != (whole.State != ReadState.Done))
            return $"the reader says {whole}, the reference {expected?.ToString() ?? "that it is not complete"}";
        if (expected is null)
            return null;
        if ((expected.Status, expected.EndsAt, expected.KeepAlive, expected.Body.Length, expected.CountEvents()) != (whole.Status, whole.EndsAt, whole.KeepAlive, whole.BodyBytes, whole.Events))
            return $"the reader says {whole}, the reference {expected} with {expected.CountEvents()} events";
        return _whole.Captured!.Body.SequenceEqual(expected.Body) && _pieces.Captured!.Body.SequenceEqual(expected.Body) ? null : "the bodies differ";
    }

    /// <summary>Feeds a response in pieces and checks what holds of every call.</summary>
    private static bool TryRead(ResponseReader reader, RequestImage request, byte[] bytes, Func<int> pieceBytes, Action? between, out Outcome outcome, out string? problem)
    {
        reader.Begin(request, CaptureBytesMax);
        var position = 0;
        var state = ReadState.NeedMore;
        (outcome, problem) = (null!, null);
        while (position < bytes.Length && state == ReadState.NeedMore)
        {
            var piece = bytes.AsSpan(position, Math.Min(pieceBytes(), bytes.Length - position));
            state = reader.Feed(piece, out var consumed);
            if (consumed < 0 || consumed > piece.Length || (state == ReadState.NeedMore && consumed != piece.Length))
            {
                problem = $"at {position} the reader took {consumed} of {piece.Length} bytes and said {state}";
                return false;
            }

            position += consumed;
            between?.Invoke();
        }

        if (state == ReadState.NeedMore)
            state = reader.EndOfStream();
        if (state == ReadState.NeedMore || (state == ReadState.Failed) != (reader.Error != WireError.None))
        {
            problem = $"it ended with {state} and {reader.Error}";
            return false;
        }

        // Where a failure is noticed depends on how much was seen; where a response ends does not. What follows the last event that was asked for is not looked at.
        var isDone = state == ReadState.Done;
        var endsEarly = isDone && request.EventsMax > 0 && reader.Events == request.EventsMax;
        outcome = isDone
            ? new Outcome(state, reader.Error, reader.Status, endsEarly ? 0 : position, endsEarly ? 0 : reader.BodyBytes, reader.Events, reader.Cache, reader.KeepAlive)
            : new Outcome(state, reader.Error, 0, 0, 0, 0, default, reader.KeepAlive);
        return true;
    }

    /// <summary>Another connection reads a whole response now and then.</summary>
    private void ReadNeighbour()
    {
        if (++_neighbourReads % 4 != 0)
            return;
        _neighbour.Begin(AnyGet, CaptureBytesMax);
        _neighbour.Feed(ResponseCorpus.All[_neighbourReads / 4 % ResponseCorpus.All.Length].Bytes, out _);
    }

    private static string Show(byte[] bytes) =>
        string.Concat(Encoding.Latin1.GetString(bytes).Select(letter => letter is >= ' ' and < '\u007f' ? letter.ToString() : letter == '\r' ? "\\r" : letter == '\n' ? "\\n\n" : $"\\x{(int)letter:x2}"));
}
