import { useCallback, useState } from "react";
import { createRoot } from "react-dom/client";

function Picture() {
  const [recipe, setRecipe] = useState(null);
  const [kind, setKind] = useState("avatar");
  const withToken = useCallback((editor) => { if (editor) editor.token = () => "a token"; }, []);
  return (
    <main>
      <h1>{recipe ? `${recipe.width} x ${recipe.height}` : "nothing yet"}</h1>
      <button id="banner" onClick={() => setKind("banner")}>Banner</button>
      <roundel-editor ref={withToken} kind={kind} labels={{ choose: "Choisir une photo" }} onroundel-change={({ detail }) => setRecipe(detail.recipe)} />
    </main>
  );
}

createRoot(document.getElementById("root")).render(<Picture />);
