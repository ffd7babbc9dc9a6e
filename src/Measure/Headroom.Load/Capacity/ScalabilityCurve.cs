using System.Runtime.InteropServices;

namespace Headroom.Load.Capacity;

/// <summary>A point of throughput over concurrency.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ScalabilityPoint(double Concurrency, double PerSecond);

/// <summary>
/// Gunther's Universal Scalability Law (Guerrilla Capacity Planning, 2007): X(N) = λN / (1 + σ(N − 1) + κN(N − 1)). Written as N/X = a + b(N − 1) + cN(N − 1) with a = 1/λ, b = σ/λ,
/// c = κ/λ it is linear, so its least squares need no iteration and have no starting point to go wrong from. Each point has the weight (X/N)², which makes its error relative, as
/// errors of throughput are. That b and c are not negative is kept by trying which of them are 0.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ScalabilityCurve(double PerSecondAlone, double Contention, double Crosstalk)
{
    /// <summary>Where throughput is highest; null when it never falls.</summary>
    public double? PeakConcurrency => Crosstalk > 0 ? Math.Sqrt(Math.Max(0, 1 - Contention) / Crosstalk) : null;

    /// <summary>Highest throughput, or what it tends to; null when it grows without bound.</summary>
    public double? PeakPerSecond => PeakConcurrency is { } peak ? At(Math.Max(1, peak)) : Contention > 0 ? PerSecondAlone / Contention : null;

    public double At(double concurrency) =>
        PerSecondAlone * concurrency / (1 + (Contention * (concurrency - 1)) + (Crosstalk * concurrency * (concurrency - 1)));

    /// <summary>The curve nearest to the points; null when there is none with a throughput above 0.</summary>
    public static ScalabilityCurve? Fit(IReadOnlyList<ScalabilityPoint> points)
    {
        (double[] Coefficients, double Error)? best = null;
        foreach (var columns in new[] { new[] { 0, 1, 2 }, [0, 1], [0, 2], [0] })
        {
            if (Solve(points, columns) is { } coefficients && coefficients[0] > 0 && coefficients[1] >= 0 && coefficients[2] >= 0
                && ErrorOf(points, coefficients) is var error && (best is null || error < best.Value.Error * (1 - 1e-9)))
                best = (coefficients, error);
        }

        return best is { Coefficients: [var a, var b, var c] } ? new ScalabilityCurve(1 / a, b / a, c / a) : null;
    }

    private static double[] Terms(double n) => [1, n - 1, n * (n - 1)];

    /// <summary>The sum of squares of relative errors.</summary>
    private static double ErrorOf(IReadOnlyList<ScalabilityPoint> points, double[] coefficients) => points.Sum(point =>
    {
        var expected = Terms(point.Concurrency).Zip(coefficients, (term, coefficient) => term * coefficient).Sum();
        var relative = (expected * point.PerSecond / point.Concurrency) - 1;
        return relative * relative;
    });

    /// <summary>Normal equations of the chosen columns, by elimination with pivots; null when they have no single solution.</summary>
    private static double[]? Solve(IReadOnlyList<ScalabilityPoint> points, int[] columns)
    {
        var size = columns.Length;
        var matrix = new double[size, size + 1];
        foreach (var point in points)
        {
            var weight = point.PerSecond / point.Concurrency;
            var terms = Terms(point.Concurrency);
            for (var row = 0; row < size; row++)
            {
                for (var column = 0; column < size; column++)
                    matrix[row, column] += weight * weight * terms[columns[row]] * terms[columns[column]];
                matrix[row, size] += weight * terms[columns[row]];
            }
        }

        for (var pivot = 0; pivot < size; pivot++)
        {
            var largest = Enumerable.Range(pivot, size - pivot).MaxBy(row => Math.Abs(matrix[row, pivot]));
            if (Math.Abs(matrix[largest, pivot]) < 1e-12)
                return null;
            for (var column = 0; column <= size; column++)
                (matrix[pivot, column], matrix[largest, column]) = (matrix[largest, column], matrix[pivot, column]);
            for (var row = 0; row < size; row++)
            {
                if (row == pivot)
                    continue;
                var factor = matrix[row, pivot] / matrix[pivot, pivot];
                for (var column = pivot; column <= size; column++)
                    matrix[row, column] -= factor * matrix[pivot, column];
            }
        }

        var all = new double[3];
        for (var i = 0; i < size; i++)
            all[columns[i]] = matrix[i, size] / matrix[i, i];
        return all;
    }
}
