"""Clients of language models, and the frameworks round them: each call goes over the network."""

from typing import Final

from durable_lint.vocabulary.family import Family

__all__ = ["MODELS"]

_CLIENTS = dict.fromkeys(
    (
        *("openai.OpenAI", "openai.AsyncOpenAI", "openai.AzureOpenAI", "openai.AsyncAzureOpenAI"),
        *("anthropic.Anthropic", "anthropic.AsyncAnthropic", "anthropic.AnthropicBedrock"),
        *("anthropic.AsyncAnthropicBedrock", "anthropic.AnthropicVertex"),
        *("anthropic.AsyncAnthropicVertex", "google.genai.Client", "mistralai.Mistral"),
        *("mistralai.client.MistralClient", "mistralai.async_client.MistralAsyncClient"),
        *("cohere.Client", "cohere.AsyncClient", "cohere.ClientV2", "cohere.AsyncClientV2"),
        *("groq.Groq", "groq.AsyncGroq", "together.Together", "together.AsyncTogether"),
        *("replicate.Client", "ollama.Client", "ollama.AsyncClient", "fireworks.client.Fireworks"),
        *("cerebras.cloud.sdk.Cerebras", "cerebras.cloud.sdk.AsyncCerebras", "voyageai.Client"),
        *("voyageai.AsyncClient", "huggingface_hub.InferenceClient"),
        *("huggingface_hub.AsyncInferenceClient", "ai21.AI21Client", "xai_sdk.Client"),
        *("xai_sdk.AsyncClient", "tavily.TavilyClient", "tavily.AsyncTavilyClient"),
        *("elevenlabs.client.ElevenLabs", "deepgram.DeepgramClient", "assemblyai.Transcriber"),
        *(
            "zhipuai.ZhipuAI",
            "dashscope.Generation",
            "portkey_ai.Portkey",
            "firecrawl.FirecrawlApp",
        ),
        *("serpapi.GoogleSearch", "exa_py.Exa", "langsmith.Client", "langfuse.Langfuse"),
        *("mcp.ClientSession", "fastmcp.Client", "vertexai.generative_models.GenerativeModel"),
        *(
            "google.generativeai.GenerativeModel",
            "e2b.Sandbox",
            "unstructured_client.UnstructuredClient",
        ),
    ),
    "*",
)
_RUN = "invoke ainvoke stream astream batch abatch abatch_as_completed batch_as_completed"
_MODEL = f"{_RUN} astream_events astream_log transform atransform predict apredict call acall"
_PARTS = (
    "chat completions embeddings responses images audio transcriptions translations speech files"
    " models beta threads runs messages moderations batches fine_tuning vector_stores assistants"
    " uploads with_raw_response with_streaming_response aio chats caches conversations"
)

MODELS: Final = Family(
    calls={
        "network_io": {
            **_CLIENTS,
            "openai": "chat.completions.create completions.create embeddings.create images.generate"
            " responses.create audio.transcriptions.create moderations.create models.list"
            " files.create ChatCompletion.create ChatCompletion.acreate Completion.create"
            " Embedding.create Image.create",
            "google.generativeai": "embed_content generate_text list_models upload_file",
            "litellm": "completion acompletion embedding aembedding text_completion"
            " atext_completion image_generation aimage_generation responses aresponses rerank"
            " arerank transcription atranscription moderation amoderation speech aspeech",
            "litellm.Router": "completion acompletion embedding aembedding",
            "ollama": "chat generate embed embeddings list show pull push create delete copy ps",
            "replicate": "run async_run stream",
            "instructor.Instructor": "*",
            "instructor.AsyncInstructor": "*",
            "dspy.Module": "__call__",
            "langchain_core.runnables.Runnable": _MODEL,
            "langchain_core.language_models.BaseChatModel": f"{_MODEL} generate agenerate",
            "langchain_core.language_models.BaseLLM": f"{_MODEL} generate agenerate",
            "langchain_core.embeddings.Embeddings": "embed_query embed_documents aembed_query"
            " aembed_documents",
            "langchain_core.vectorstores.VectorStore": "similarity_search asimilarity_search"
            " add_documents aadd_documents add_texts aadd_texts delete adelete"
            " similarity_search_with_score max_marginal_relevance_search from_documents from_texts",
            "langchain_core.tools.BaseTool": "run arun invoke ainvoke",
            "langgraph.graph.state.CompiledStateGraph": f"{_MODEL} get_state aget_state",
            "llama_index.core.base.llms.base.BaseLLM": "chat achat complete acomplete stream_chat"
            " astream_chat stream_complete astream_complete predict apredict",
            "llama_index.core.query_engine.BaseQueryEngine": "query aquery",
            "llama_index.core.VectorStoreIndex": "from_documents insert",
            "pydantic_ai.Agent": "run run_sync run_stream iter run_stream_sync",
            "agents.Runner": "run run_sync run_streamed",
            "crewai.Crew": "kickoff kickoff_async kickoff_for_each akickoff",
            "autogen_agentchat.agents.AssistantAgent": "run run_stream on_messages",
            "smolagents.CodeAgent": "run",
            "smolagents.ToolCallingAgent": "run",
            "claude_agent_sdk": "query",
            "claude_agent_sdk.ClaudeSDKClient": "*",
            "semantic_kernel.Kernel": "invoke invoke_prompt invoke_stream",
            "haystack.Pipeline": "run run_async",
            "haystack.AsyncPipeline": "run run_async",
            "mcp.client.stdio": "stdio_client",
            "mcp.client.sse": "sse_client",
            "mcp.client.streamable_http": "streamablehttp_client streamable_http_client",
        },
        "file_io": {
            "transformers": "pipeline",
            "transformers.AutoModel": "from_pretrained",
            "transformers.AutoTokenizer": "from_pretrained",
            "transformers.AutoModelForCausalLM": "from_pretrained",
            "transformers.AutoModelForSequenceClassification": "from_pretrained",
            "sentence_transformers": "SentenceTransformer CrossEncoder",
            "spacy": "load",
            "nltk": "download",
            "datasets": "load_dataset load_from_disk",
            "gensim.models.KeyedVectors": "load load_word2vec_format",
        },
    },
    pure={
        "openai.OpenAI": "with_options copy close",
        "openai.AsyncOpenAI": "with_options copy",
        "anthropic.Anthropic": "with_options copy close",
        "anthropic.AsyncAnthropic": "with_options copy",
        "instructor": "from_openai from_anthropic patch Mode",
    },
    gives={
        # The parts of a client count as the client itself, also when they are put into a variable.
        **{
            client: {"~": "with_options copy", "=~": _PARTS}
            for client in (
                *("openai.OpenAI", "openai.AsyncOpenAI", "anthropic.Anthropic"),
                *("anthropic.AsyncAnthropic", "groq.Groq", "groq.AsyncGroq", "together.Together"),
                *("together.AsyncTogether", "google.genai.Client"),
            )
        },
        "instructor": {"instructor.Instructor": "from_openai from_anthropic patch from_provider"},
        "langchain_core.language_models.BaseChatModel": {
            "langchain_core.runnables.Runnable": "bind bind_tools with_structured_output with_retry"
            " with_config with_fallbacks",
        },
        "langchain_core.runnables.Runnable": {
            "langchain_core.runnables.Runnable": "bind with_retry with_config with_fallbacks pipe"
            " __or__ __ror__ assign pick",
        },
        "langgraph.graph.StateGraph": {"langgraph.graph.state.CompiledStateGraph": "compile"},
    },
    bases={
        "openai.AzureOpenAI": "openai.OpenAI",
        "openai.AsyncAzureOpenAI": "openai.AsyncOpenAI",
        "anthropic.AnthropicBedrock": "anthropic.Anthropic",
        "anthropic.AnthropicVertex": "anthropic.Anthropic",
        "anthropic.AsyncAnthropicBedrock": "anthropic.AsyncAnthropic",
        "anthropic.AsyncAnthropicVertex": "anthropic.AsyncAnthropic",
        "langchain_core.language_models.BaseChatModel": "langchain_core.runnables.Runnable",
        "langchain_core.language_models.BaseLLM": "langchain_core.runnables.Runnable",
        "langchain_core.runnables.RunnableLambda": "langchain_core.runnables.Runnable",
        "langchain_core.runnables.RunnableSequence": "langchain_core.runnables.Runnable",
        **dict.fromkeys(
            (
                *("langchain_openai.ChatOpenAI", "langchain_openai.AzureChatOpenAI"),
                *(
                    "langchain_anthropic.ChatAnthropic",
                    "langchain_google_genai.ChatGoogleGenerativeAI",
                ),
                *("langchain_google_vertexai.ChatVertexAI", "langchain_aws.ChatBedrock"),
                *("langchain_mistralai.ChatMistralAI", "langchain_groq.ChatGroq"),
                *("langchain_ollama.ChatOllama", "langchain_community.chat_models.ChatOpenAI"),
                *("langchain.chat_models.ChatOpenAI", "langchain_cohere.ChatCohere"),
            ),
            "langchain_core.language_models.BaseChatModel",
        ),
        "langchain_openai.OpenAI": "langchain_core.language_models.BaseLLM",
        "langchain_openai.OpenAIEmbeddings": "langchain_core.embeddings.Embeddings",
        "langchain_community.vectorstores.FAISS": "langchain_core.vectorstores.VectorStore",
        "langchain_chroma.Chroma": "langchain_core.vectorstores.VectorStore",
        "llama_index.llms.openai.OpenAI": "llama_index.core.base.llms.base.BaseLLM",
        "langgraph.graph.StateGraph": "",
    },
    aliases={
        "openai._client": "openai",
        "openai.lib.azure": "openai",
        "openai.Client": "openai.OpenAI",
        "openai.AsyncClient": "openai.AsyncOpenAI",
        "anthropic._client": "anthropic",
        "anthropic.Client": "anthropic.Anthropic",
        "anthropic.AsyncClient": "anthropic.AsyncAnthropic",
        "google.genai.client.Client": "google.genai.Client",
        "langchain_core.language_models.chat_models": "langchain_core.language_models",
        "langchain_core.runnables.base": "langchain_core.runnables",
        "langchain_openai.chat_models": "langchain_openai",
        "langchain_openai.chat_models.base": "langchain_openai",
        "pydantic_ai.agent.Agent": "pydantic_ai.Agent",
        "agents.run.Runner": "agents.Runner",
        "mcp.client.session.ClientSession": "mcp.ClientSession",
        "litellm.main": "litellm",
        "huggingface_hub.inference._client": "huggingface_hub",
    },
)
