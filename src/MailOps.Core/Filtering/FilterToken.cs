namespace MailOps.Filtering;

/// <summary>What a piece of a filter is.</summary>
internal enum FilterTokenKind
{
    /// <summary>A bare word: a property, a number, a date without blanks.</summary>
    Word,
    /// <summary>A text in quotes.</summary>
    Text,
    /// <summary>A word that begins with a dash: <c>-eq</c>, <c>-and</c>.</summary>
    Operator,
    /// <summary>An opening parenthesis.</summary>
    Open,
    /// <summary>A closing parenthesis.</summary>
    Close,
    /// <summary>Behind the last piece.</summary>
    End,
}

/// <summary>One piece of a filter.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text, without quotes.</param>
/// <param name="Position">Where it begins, from 1, as people count.</param>
internal readonly record struct FilterToken(FilterTokenKind Kind, string Text, int Position);
