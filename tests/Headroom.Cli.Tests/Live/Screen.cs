using System.Globalization;
using System.Text;

namespace Headroom.Cli.Tests.Live;

/// <summary>
/// What a terminal shows of what was written to it: printing, carriage return, line feed, CUU, EL, ED and SGR (ECMA-48). Anything else is a failure, as are lines that
/// the cursor would have to leave the screen for. Lines that are too long wrap, and are wrapped anew when the width changes, as most terminals do.
/// </summary>
internal sealed class Screen(int width)
{
    /// <summary>Lines as they were ended; how many rows each takes depends on the width.</summary>
    private readonly List<StringBuilder> _lines = [new()];
    private int _width = width;
    private int _line;
    private int _column;

    public string Text => string.Join('\n', _lines.Select(line => line.ToString().TrimEnd())).TrimEnd('\n');

    public void Resize(int width) => _width = width;

    public void Write(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\e':
                    at = Control(text, at);
                    break;
                case '\r':
                    _column = 0;
                    break;
                case '\n':
                    if (++_line == _lines.Count)
                        _lines.Add(new StringBuilder());
                    break;
                default:
                    Print(text[at]);
                    break;
            }
        }
    }

    private void Print(char character)
    {
        var line = _lines[_line];
        line.Append(' ', Math.Max(0, _column - line.Length));
        if (_column < line.Length)
            line[_column] = character;
        else
            line.Append(character);
        _column++;
    }

    private int Control(string text, int at)
    {
        if (text[at + 1] is '=' or '>')
            return at + 1;
        Assert.Equal('[', text[at + 1]);
        var end = at + 2;
        while (!char.IsAsciiLetter(text[end]))
            end++;
        var parameter = text[(at + 2)..end];
        switch (text[end])
        {
            case 'A':
                Up(int.Parse(parameter, CultureInfo.InvariantCulture));
                break;
            case 'K':
                Assert.Equal("", parameter);
                _lines[_line].Length = Math.Min(_lines[_line].Length, _column);
                break;
            case 'J':
                Assert.Equal("", parameter);
                _lines[_line].Length = Math.Min(_lines[_line].Length, _column);
                _lines.RemoveRange(_line + 1, _lines.Count - _line - 1);
                break;
            case 'm' or 'h' or 'l':
                break;
            default:
                Assert.Fail($"The terminal was sent ESC[{parameter}{text[end]}.");
                break;
        }

        return end;
    }

    /// <summary>By rows: a wrapped line has several.</summary>
    private void Up(int rows)
    {
        while (rows > 0)
        {
            Assert.True(_line > 0, "The cursor was moved above what was ever written.");
            rows -= Math.Max(1, (_lines[--_line].Length + _width - 1) / _width);
        }

        Assert.Equal(0, rows);
    }
}
