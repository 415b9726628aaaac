namespace OrleansLog.Core.Tests.Groups.Exploration;

/// <summary>Rules broken on purpose: the exploration has to notice each of them.</summary>
public enum GroupMutation
{
    /// <summary>Nothing is broken.</summary>
    None,

    /// <summary>Commits are taken whatever their generation.</summary>
    SkipCommitGeneration,

    /// <summary>Syncs are taken whatever their generation.</summary>
    SkipSyncGeneration,

    /// <summary>A commit is answered before its record is written.</summary>
    AnswerBeforeAppend,

    /// <summary>An old coordinator still appends: nobody checks its leader epoch.</summary>
    TwoLeaders,

    /// <summary>A failed append is taken for a written one.</summary>
    IgnoreFailedAppend,
}
