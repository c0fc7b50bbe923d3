"""The same small codebook as a CSV and as Markdown, for the page on which a file is uploaded."""

from server.codebooks.files import read_text
from server.codebooks.markdown import write_markdown

CSV = """question,type,code,value,label,definition
expression,multiple,attachment,,Relational attachment,The model is spoken of as a companion
expression,multiple,quality,,Loss of quality,Something worked better before
emotion,ordinal,none,0,None,No feeling is shown
emotion,ordinal,strong,1,Strong,A feeling carries the post
language,text,,,,
"""


# Written as a version is, so that it is what a file may say.
MARKDOWN = write_markdown(read_text(CSV, "codebook.csv").checked(), "Codebook")
