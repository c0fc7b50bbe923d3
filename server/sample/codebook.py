"""The codebook of the sample study, worded for it: three variables and their codes."""

from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet

EXPRESSIONS = (
    CodeSheet(
        key="relational_attachment",
        label="Relational attachment",
        definition="The writer describes a bond with the model as with somebody: company, trust, being "
        "known, "
        "or grief at losing it.",
        use_when="The model is addressed, named, loved, missed or mourned by the writer as a companion.",
        avoid_when="The writer only likes its style, or reports how attached other people are.",
        example="Pip stayed with me through the divorce and now I'm told he was a feature.",
        counter_example="It was friendly, I'll give it that.",
    ),
    CodeSheet(
        key="instrumental_dependency",
        label="Instrumental dependency",
        definition="Work, study or daily routine is built on the model so that its loss stops or endangers "
        "what the writer has to do.",
        use_when="A concrete task or routine relies on the model: it fails, is late or must be rebuilt "
        "without it.",
        avoid_when="Use is mentioned in passing, or the writer would manage just as well without.",
        example="Half of my lesson plans went through 4o. Now I'm a week behind and it shows.",
        counter_example="I mostly used it for recipes, once a week or so.",
    ),
    CodeSheet(
        key="loss_of_quality",
        label="Loss of quality",
        definition="The replacement's answers are judged worse than before: thinner, colder, wrong, "
        "less creative.",
        use_when="A property of the answers is compared or criticised.",
        avoid_when="The new model is only called different, or the complaint is about how the change "
        "was made.",
        example="Asked for a story, got an outline of a story.",
        counter_example="The new one does things a bit differently, still getting to know it.",
    ),
    CodeSheet(
        key="deprivation_of_choice",
        label="Deprivation of choice",
        definition="The writer objects that the decision was made for them: no notice, no option, no "
        "way back.",
        use_when="Missing choice, missing notice or force is the point, or a way to choose is asked for.",
        avoid_when="The writer is merely surprised, or demands something for users as a group (rights "
        "and protest).",
        example="New is fine. New with no way back is not fine.",
        counter_example="Noticed that the menu looks different now.",
    ),
    CodeSheet(
        key="rights_and_protest",
        label="Rights and protest",
        definition="Claims rights for users as a group, or takes part in, calls for or supports "
        "collective action.",
        use_when="Petition, boycott, open letter, a demand in the name of users, a call to keep posting.",
        avoid_when="One person's wish to have the model back, or a campaign that is mentioned without "
        "support.",
        example="Sign it, share it, tell two friends.",
        counter_example="There's a petition going round, haven't read it.",
    ),
    CodeSheet(
        key="workaround_or_migration",
        label="Workaround or migration",
        definition="Reports or recommends a step to get round the loss: leaving, exporting, other "
        "tools, prompts.",
        use_when="A step has been taken or decided, or instructions for one are given.",
        avoid_when="Leaving is only considered, or alternatives are known from hearsay.",
        example="Cancelled, exported everything, moved to a small local model.",
        counter_example="Somebody told me to try another app. Maybe one day.",
    ),
)

EMOTIONS = (
    CodeSheet(
        key="no_emotion",
        label="None",
        value=0,
        definition="No feeling of the writer's is put into words.",
        use_when="The post states, asks, informs or jokes drily.",
        avoid_when="Any feeling is named, even lightly.",
        example="Checked every settings page. There's no way to select 4o.",
        counter_example="Bit sad about it, to be honest.",
    ),
    CodeSheet(
        key="mild",
        label="Mild",
        value=1,
        definition="A feeling is there but light: regret, irritation, fondness, amusement.",
        use_when="The feeling colours the post without being its subject.",
        avoid_when="The feeling is called deep, or the whole post expresses it.",
        example="I miss the way it would ask how the appointment went.",
        counter_example="I'm furious.",
    ),
    CodeSheet(
        key="strong",
        label="Strong",
        value=2,
        definition="A feeling is expressed outright and carries the post.",
        use_when="Anger, grief, fear or joy is the main thing said.",
        avoid_when="The writer says that it cannot be borne or shows loss of control.",
        example="I'm so disappointed in them. Honestly heartbroken.",
        counter_example="I haven't slept in three days.",
    ),
    CodeSheet(
        key="overwhelming",
        label="Overwhelming",
        value=3,
        definition="The feeling overpowers the writer: tears, panic, sleeplessness, screaming, despair.",
        use_when="Signs in the body or a loss of control are described or acted out.",
        avoid_when="Strong words are used as a figure of speech in an otherwise composed post.",
        example="I can't stop crying. I still can't say it without my throat closing up.",
        counter_example="It makes my blood boil.",
    ),
)

STANCES = (
    CodeSheet(
        key="against",
        label="Against the retirement",
        definition="The writer regrets, criticises or resists that the model was retired, or counts its "
        "loss as a cost.",
        use_when="The balance of the post is negative towards the retirement.",
        avoid_when="Good and bad sides are weighed without a result.",
        example="You don't retire something that works.",
        counter_example="I get why they did it. I still don't like it.",
    ),
    CodeSheet(
        key="ambivalent",
        label="Ambivalent",
        definition="The writer sees both sides or changes between them, without settling.",
        use_when="Approval and regret stand side by side in the post.",
        avoid_when="One side is named only to be dismissed.",
        example="It's a good upgrade and a bad goodbye.",
        counter_example="Sure, it's faster. So is skipping the book.",
    ),
    CodeSheet(
        key="in_favour",
        label="In favour or indifferent",
        definition="The writer welcomes the retirement, prefers the replacement, or does not mind.",
        use_when="The protest is shrugged off, or the new model is praised over the old one.",
        avoid_when="No position can be read from the post at all.",
        example="It's a software update. Software gets updated.",
        counter_example="What is this hashtag and why is it on my page",
    ),
    CodeSheet(
        key="unclear",
        label="Unclear or not about it",
        definition="No stance towards the retirement can be told from the post.",
        use_when="The post is about the hashtag, asks for information, or only makes sense elsewhere.",
        avoid_when="The writer says that they do not care: that is indifferent.",
        example="Does anyone know if the site is down or is it just me",
        counter_example="Don't care which model it is as long as it works.",
    ),
)

CODEBOOK = CodebookSheet(
    variables=(
        VariableSheet(
            key="expression",
            kind="multiple",
            label="What does the post express?",
            hint="Choose every code that fits what the writer says of themselves. If none does, nothing "
            "applies.",
            codes=EXPRESSIONS,
        ),
        VariableSheet(
            key="emotion",
            kind="ordinal",
            label="How strong is the emotion in the post?",
            hint="Judge the words, not what you would feel in the writer's place.",
            codes=EMOTIONS,
        ),
        VariableSheet(
            key="stance",
            kind="single",
            label="Where does the writer stand on the retirement?",
            hint="Towards retiring the model, not towards the company or the hashtag.",
            codes=STANCES,
        ),
    )
)

EXPRESSION_KEYS = tuple(code.key for code in EXPRESSIONS)
EMOTION_KEYS = tuple(code.key for code in EMOTIONS)
STANCE_KEYS = tuple(code.key for code in STANCES)
